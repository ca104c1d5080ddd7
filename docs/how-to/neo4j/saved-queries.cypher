// 一条链：环节、投入、生产者 · a chain with its links, inputs and makers
MATCH (c:Chain {name: $chain})<-[:IN_CHAIN]-(p:Product)
OPTIONAL MATCH (u:Product)-[i:INPUT_OF]->(p)
OPTIONAL MATCH (e:Enterprise)-[m:PRODUCES]->(p)
RETURN c, p, u, i, e, m;

// 只有一家生产的环节 · links with a single known maker
MATCH (c:Chain {name: $chain})<-[:IN_CHAIN]-(p:Product)<-[:PRODUCES]-(e:Enterprise)
WITH p, collect(DISTINCT e) AS makers WHERE size(makers) = 1
RETURN p.name AS link, makers[0].name AS maker ORDER BY link;

// 没有查到生产者的环节（没有查到不等于没有）· links without a known maker (not known is not none)
MATCH (c:Chain {name: $chain})<-[:IN_CHAIN]-(p:Product)
WHERE NOT (p)<-[:PRODUCES]-(:Enterprise)
RETURN p.name AS link ORDER BY link;

// 一家企业的周围两步 · two steps around an enterprise
MATCH path = (e:Enterprise {name: $enterprise})-[*1..2]-(x:ChainAtlas)
RETURN path LIMIT 200;

// 一项事实的来源 · the sources of a fact
MATCH (e:Enterprise {name: $enterprise})-[r:PRODUCES]->(p:Product)
RETURN p.name AS product, r.source AS sources, r.source_ref AS refs, r.as_of AS dates ORDER BY product;
