// 各链上在一个地方只有一家生产的产品环节，以及是哪一家。
// The product links of all chains that one enterprise alone makes in a place, and which one.
// :param {place: "山东省", inactive: ["注销", "吊销", "已注销", "停业", "歇业", "清算", "破产"]}
OPTIONAL MATCH (here:Region) WHERE here.name = $place OR $place IN here.short_name
WITH here WHERE $place IS NULL OR here IS NOT NULL
OPTIONAL MATCH (here)<-[:LOCATED_IN|PART_OF|SUCCEEDED_BY*0..6]-(spot)<-[:LOCATED_IN|IN_CLUSTER]-(e:Enterprise)
WITH collect(DISTINCT e) AS inside
MATCH (l:Product)-[:IN_CHAIN]->(c:Chain)
MATCH (l)<-[:KIND_OF*0..8]-(made:Product)<-[:PRODUCES]-(e:Enterprise)
WHERE none(bad IN $inactive WHERE coalesce(e.status, '') STARTS WITH bad)
  AND ($place IS NULL OR e IN inside)
WITH c, l, collect(DISTINCT e.name) AS makers
WHERE size(makers) = 1
RETURN c.name AS chain, l.name AS link, makers[0] AS enterprise
ORDER BY chain, link
