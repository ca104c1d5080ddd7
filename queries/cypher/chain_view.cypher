// 一条链的投入关系：什么用于什么，哪些互为替代（同组），是否必需，投入品有几家生产。attached 由 chainatlas 填。
// The inputs of a chain: what goes into what, which are alternatives (same group), whether essential, and how many make the input. attached is filled in by chainatlas.
// :param {chain: "锂电", attached: []}
MATCH (c:Chain) WHERE c.name = $chain OR $chain IN c.short_name
MATCH (b:Product)-[:IN_CHAIN]->(c)
MATCH (a:Product)-[need:INPUT_OF]->(b)
OPTIONAL MATCH (a)<-[:KIND_OF*0..8]-(kind:Product)
WITH a, b, need.group AS alternatives, need.essential AS essential, collect(DISTINCT kind.key) AS kinds
OPTIONAL MATCH (a)<-[:KIND_OF*0..8]-(made:Product)<-[:PRODUCES]-(e:Enterprise)
WITH a, b, alternatives, essential, kinds, collect(DISTINCT e.key) AS listed
WITH a, b, alternatives, essential, reduce(every = listed, x IN $attached |
     CASE WHEN x.maker AND x.link IN kinds AND NOT x.firm IN every THEN every + [x.firm] ELSE every END) AS makers
RETURN a.name AS input, b.name AS product, alternatives, essential, size(makers) AS producers
ORDER BY product, alternatives, input
