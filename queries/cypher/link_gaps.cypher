// 对接缺口：投入品和产品本地都有人做，却没有本地的供货关系。没有载入任何供货数据时是 unknown（未观测）。attached 由 chainatlas 填。
// Link gaps: input and product are both made in the place while no supply between their local makers is recorded; unknown where no supplies are loaded at all. attached is filled in by chainatlas.
// :param {chain: "锂电", place: "山东省", attached: [], inactive: ["注销", "吊销", "已注销", "停业", "歇业", "清算", "破产"]}
OPTIONAL MATCH (here:Region) WHERE here.name = $place OR $place IN here.short_name
WITH here WHERE $place IS NULL OR here IS NOT NULL
OPTIONAL MATCH (here)<-[:LOCATED_IN|PART_OF|SUCCEEDED_BY*0..6]-(spot)<-[:LOCATED_IN|IN_CLUSTER]-(e:Enterprise)
WITH collect(DISTINCT e.key) AS inside
OPTIONAL MATCH (:Enterprise)-[seen:SUPPLIES]->(:Enterprise)
WITH inside, count(seen) AS observed
MATCH (c:Chain) WHERE c.name = $chain OR $chain IN c.short_name
MATCH (a:Product)-[:IN_CHAIN]->(c)
MATCH (a)-[need:INPUT_OF]->(b:Product)
WHERE EXISTS { (b)-[:IN_CHAIN]->(c) }
MATCH (:Product)-[other:INPUT_OF]->(b)
WHERE coalesce(other.essential, true) AND (coalesce(need.essential, true) OR other.group = need.group)
WITH DISTINCT inside, observed, a, b
OPTIONAL MATCH (a)<-[:KIND_OF*0..8]-(kind:Product)
WITH inside, observed, a, b, collect(DISTINCT kind.key) AS kinds
OPTIONAL MATCH (a)<-[:KIND_OF*0..8]-(made:Product)<-[:PRODUCES]-(e:Enterprise)
WHERE none(bad IN $inactive WHERE coalesce(e.status, '') STARTS WITH bad)
  AND ($place IS NULL OR e.key IN inside)
WITH inside, observed, a, b, kinds, collect(DISTINCT e.key) AS listed
WITH inside, observed, a, b, reduce(every = listed, w IN $attached | CASE WHEN w.maker AND w.link IN kinds AND NOT w.firm IN every
     AND ($place IS NULL OR w.firm IN inside) THEN every + [w.firm] ELSE every END) AS givers
OPTIONAL MATCH (b)<-[:KIND_OF*0..8]-(kind:Product)
WITH inside, observed, a, b, givers, collect(DISTINCT kind.key) AS kinds
OPTIONAL MATCH (b)<-[:KIND_OF*0..8]-(made:Product)<-[:PRODUCES]-(e:Enterprise)
WHERE none(bad IN $inactive WHERE coalesce(e.status, '') STARTS WITH bad)
  AND ($place IS NULL OR e.key IN inside)
WITH inside, observed, a, b, givers, kinds, collect(DISTINCT e.key) AS listed
WITH inside, observed, a, b, givers, reduce(every = listed, w IN $attached | CASE WHEN w.maker AND w.link IN kinds AND NOT w.firm IN every
     AND ($place IS NULL OR w.firm IN inside) THEN every + [w.firm] ELSE every END) AS takers
WITH observed, a, b, givers, takers WHERE size(givers) > 0 AND size(takers) > 0 AND none(x IN givers WHERE x IN takers)
OPTIONAL MATCH (x:Enterprise)-[s:SUPPLIES]->(y:Enterprise) WHERE x.key IN givers AND y.key IN takers
WITH observed, a, b, givers, takers, count(s) AS supplies
WHERE supplies = 0
RETURN a.name AS input, b.name AS product, size(givers) AS makers_of_input, size(takers) AS makers_of_product,
       CASE WHEN observed > 0 THEN 'missing' ELSE 'unknown' END AS status
ORDER BY input, product
