// 每条链的完整度 K：有人生产的产品环节占全部产品环节的比例（在一个地方）。attached 是原词挂上的（企业、环节），由 chainatlas 填。
// The completeness K of every chain: the share of its product links that somebody makes (in a place). attached (what words of lists attach) is filled in by chainatlas.
// :param {place: "山东省", attached: [], inactive: ["注销", "吊销", "已注销", "停业", "歇业", "清算", "破产"]}
OPTIONAL MATCH (here:Region) WHERE here.name = $place OR $place IN here.short_name
WITH here WHERE $place IS NULL OR here IS NOT NULL
OPTIONAL MATCH (here)<-[:LOCATED_IN|PART_OF|SUCCEEDED_BY*0..6]-(spot)<-[:LOCATED_IN|IN_CLUSTER]-(e:Enterprise)
WITH collect(DISTINCT e.key) AS inside
MATCH (l:Product)-[:IN_CHAIN]->(c:Chain)
OPTIONAL MATCH (l)<-[:KIND_OF*0..8]-(kind:Product)
WITH inside, c, l, collect(DISTINCT kind.key) AS kinds
OPTIONAL MATCH (l)<-[:KIND_OF*0..8]-(made:Product)<-[:PRODUCES]-(e:Enterprise)
WHERE none(bad IN $inactive WHERE coalesce(e.status, '') STARTS WITH bad)
  AND ($place IS NULL OR e.key IN inside)
WITH inside, c, l, kinds, collect(DISTINCT e.key) AS listed
WITH inside, c, l, kinds, reduce(every = listed, a IN $attached | CASE WHEN a.maker AND a.link IN kinds AND NOT a.firm IN every
     AND ($place IS NULL OR a.firm IN inside) THEN every + [a.firm] ELSE every END) AS makers
WITH c, l, size(makers) AS producers
RETURN c.name AS chain, count(l) AS links, sum(CASE WHEN producers > 0 THEN 1 ELSE 0 END) AS made,
       round(10000.0 * sum(CASE WHEN producers > 0 THEN 1 ELSE 0 END) / count(l)) / 10000 AS k
ORDER BY chain
