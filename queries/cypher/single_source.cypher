// 各链上在一个地方只查到一家生产的产品环节，是哪一家，旁边还有几家可能也做（possible 为 0、名单又够完整时才是单点，见 link_status）。attached 由 chainatlas 填。
// The product links of all chains of which one maker is known in a place, which one, and how many others may make it (a single source only where possible is 0 and the list complete enough, see link_status). attached is filled in by chainatlas.
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
WITH inside, c, l, kinds, makers WHERE size(makers) = 1
OPTIONAL MATCH (l)-[:KIND_OF*1..8]->(wide:Product)
OPTIONAL MATCH (wide)<-[:KIND_OF*1..8]-(below:Product)
WITH inside, c, l, kinds, makers, wide, collect(DISTINCT below.key) AS under
OPTIONAL MATCH (wide)<-[:KIND_OF*1..8]-(below:Product)<-[:PRODUCES]-(e:Enterprise)
WITH inside, c, l, kinds, makers, wide, under, collect(DISTINCT e.key) AS finer
OPTIONAL MATCH (wide)<-[:PRODUCES]-(e:Enterprise)
WHERE none(bad IN $inactive WHERE coalesce(e.status, '') STARTS WITH bad)
  AND ($place IS NULL OR e.key IN inside)
WITH inside, c, l, kinds, makers, wide, under, finer, collect(DISTINCT e.key) AS listed
WITH inside, c, l, kinds, makers, [x IN listed + [a IN $attached WHERE a.maker AND a.link = wide.key AND ($place IS NULL OR a.firm IN inside) | a.firm]
     WHERE NOT x IN finer AND none(a IN $attached WHERE a.maker AND a.firm = x AND a.link IN under)] AS general
UNWIND CASE WHEN size(general) = 0 THEN [null] ELSE general END AS x
WITH inside, c, l, kinds, makers, collect(DISTINCT x) AS general
WITH inside, c, l, kinds, makers, general + [a IN $attached WHERE NOT a.maker AND a.link IN kinds AND ($place IS NULL OR a.firm IN inside) | a.firm] AS maybe
WITH inside, c, l, kinds, makers, size(reduce(every = [], x IN maybe | CASE WHEN x IN every OR x IN makers THEN every ELSE every + [x] END)) AS possible
MATCH (e:Enterprise) WHERE e.key = makers[0]
RETURN c.name AS chain, l.name AS link, e.name AS enterprise, possible
ORDER BY chain, link
