// 一条链（和其中产品所需）的各项技术：企业、高校院所、平台、团队各有几家掌握；有实验室无产业，还是相反。
// The technologies of a chain, or required by its products: how many enterprises, institutes, platforms and teams master each: lab without industry, or industry without lab.
// :param {chain: "锂电"}
MATCH (c:Chain) WHERE c.name = $chain OR $chain IN c.short_name
MATCH (l)-[:IN_CHAIN]->(c)
MATCH (l)-[:REQUIRES*0..4]->(t:Technology)
WITH DISTINCT t
OPTIONAL MATCH (t)<-[:KIND_OF*0..8]-(kind:Technology)<-[:MASTERS]-(m)
WITH t, count(DISTINCT CASE WHEN m:Enterprise THEN m END) AS enterprises,
     count(DISTINCT CASE WHEN m:Institute THEN m END) AS institutes,
     count(DISTINCT CASE WHEN m:Platform THEN m END) AS platforms,
     count(DISTINCT CASE WHEN m:Team THEN m END) AS teams
RETURN t.name AS technology, enterprises, institutes, platforms, teams,
       CASE WHEN enterprises > 0 AND institutes + platforms + teams > 0 THEN 'both'
            WHEN enterprises > 0 THEN 'industry without lab'
            WHEN institutes + platforms + teams > 0 THEN 'lab without industry' ELSE 'nobody known' END AS state
ORDER BY technology
