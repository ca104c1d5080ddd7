// 一条链的投入关系：什么用于什么，哪些互为替代（同组），是否必需，投入品有几家生产。
// The inputs of a chain: what goes into what, which are alternatives (same group), whether essential, and how many make the input.
// :param {chain: "锂电"}
MATCH (c:Chain) WHERE c.name = $chain OR $chain IN c.short_name
MATCH (b:Product)-[:IN_CHAIN]->(c)
MATCH (a:Product)-[need:INPUT_OF]->(b)
OPTIONAL MATCH (a)<-[:KIND_OF*0..8]-(made:Product)<-[:PRODUCES]-(e:Enterprise)
RETURN a.name AS input, b.name AS product, need.group AS alternatives, need.essential AS essential,
       count(DISTINCT e) AS producers
ORDER BY product, alternatives, input
