// 画出一条链：环节、投入关系和生产企业（在 Browser 和 Bloom 里看图用）。
// A chain as a picture: links, inputs and the enterprises that make them (to look at in Browser and Bloom).
// :param {chain: "锂电", limit: 300}
MATCH (c:Chain) WHERE c.name = $chain OR $chain IN c.short_name
MATCH (a:Product)-[:IN_CHAIN]->(c)
OPTIONAL MATCH (a)-[need:INPUT_OF]->(b:Product)
OPTIONAL MATCH (e:Enterprise)-[make:PRODUCES]->(a)
RETURN a, need, b, make, e
ORDER BY a.key, b.key, e.key
LIMIT $limit
