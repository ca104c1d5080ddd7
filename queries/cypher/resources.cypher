// 资源配套：每个环节有几个平台、联盟、服务机构、资金、专利、项目在服务它、它所需的技术，或它所在的链。
// Resources along a chain: how many platforms, alliances, services, funds, patents and projects serve each link, a technology that it requires, or the chain.
// :param {chain: "锂电"}
MATCH (c:Chain) WHERE c.name = $chain OR $chain IN c.short_name
MATCH (l:Product)-[:IN_CHAIN]->(c)
OPTIONAL MATCH (l)-[:REQUIRES]->(t:Technology)
WITH c, l, collect(t) AS technologies
OPTIONAL MATCH (r)-[:SERVES]->(x) WHERE x = l OR x = c OR x IN technologies
WITH l, count(DISTINCT CASE WHEN r:Platform THEN r END) AS platforms,
     count(DISTINCT CASE WHEN r:Alliance THEN r END) AS alliances,
     count(DISTINCT CASE WHEN r:Service THEN r END) AS services,
     count(DISTINCT CASE WHEN r:Fund THEN r END) AS funds,
     count(DISTINCT CASE WHEN r:Patent THEN r END) AS patents,
     count(DISTINCT CASE WHEN r:Project THEN r END) AS projects
RETURN l.name AS link, platforms, alliances, services, funds, patents, projects
ORDER BY link
