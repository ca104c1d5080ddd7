// 每条链的完整度 K：有人生产的产品环节占全部产品环节的比例（在一个地方）。
// The completeness K of every chain: the share of its product links that somebody makes (in a place).
// :param {place: "山东省", inactive: ["注销", "吊销", "已注销", "停业", "歇业", "清算", "破产"]}
OPTIONAL MATCH (here:Region) WHERE here.name = $place OR $place IN here.short_name
WITH here WHERE $place IS NULL OR here IS NOT NULL
OPTIONAL MATCH (here)<-[:LOCATED_IN|PART_OF|SUCCEEDED_BY*0..6]-(spot)<-[:LOCATED_IN|IN_CLUSTER]-(e:Enterprise)
WITH collect(DISTINCT e) AS inside
MATCH (l:Product)-[:IN_CHAIN]->(c:Chain)
OPTIONAL MATCH (l)<-[:KIND_OF*0..8]-(made:Product)<-[:PRODUCES]-(e:Enterprise)
WHERE none(bad IN $inactive WHERE coalesce(e.status, '') STARTS WITH bad)
  AND ($place IS NULL OR e IN inside)
WITH c, l, count(DISTINCT e) AS producers
RETURN c.name AS chain, count(l) AS links, sum(CASE WHEN producers > 0 THEN 1 ELSE 0 END) AS made,
       round(10000.0 * sum(CASE WHEN producers > 0 THEN 1 ELSE 0 END) / count(l)) / 10000 AS k
ORDER BY chain
