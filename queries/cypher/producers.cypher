// 谁生产一个产品：企业、所在地、占比、产能，依据哪个来源、什么时候。
// Who makes a product: enterprise, place, share, capacity, by which source and as of when.
// :param {product: "锂电池隔膜"}
MATCH (p:Product) WHERE p.name = $product OR $product IN p.short_name
MATCH (p)<-[:KIND_OF*0..8]-(made:Product)<-[fact:PRODUCES]-(e:Enterprise)
OPTIONAL MATCH (e)-[:LOCATED_IN]->(seat:Region)
RETURN e.name AS enterprise, seat.name AS place, made.name AS product, fact.share AS share, fact.capacity AS capacity,
       fact.source AS source, fact.as_of AS as_of
ORDER BY enterprise, product, place
