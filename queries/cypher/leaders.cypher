// 骨干企业的几项数：在一个集群里的合作对象、生产的环节、建有的平台、掌握的技术、持有的专利、牵头的项目和联盟。
// What counts for backbone enterprises of a cluster: partners inside it, links made, platforms hosted, technologies mastered, patents owned, projects and alliances led.
// :param {cluster: "济宁高新区工程机械产业集群"}
MATCH (e:Enterprise)-[:IN_CLUSTER]->(k:Cluster) WHERE k.name = $cluster OR $cluster IN k.short_name
WITH DISTINCT e, k
OPTIONAL MATCH (e)-[:SUPPLIES|COOPERATES]-(other:Enterprise)-[:IN_CLUSTER]->(k)
WITH e, count(DISTINCT other) AS partners
OPTIONAL MATCH (e)-[:PRODUCES]->(p:Product)
WITH e, partners, count(DISTINCT p) AS products
OPTIONAL MATCH (e)-[:HOSTS]->(h:Platform)
WITH e, partners, products, count(DISTINCT h) AS platforms
OPTIONAL MATCH (e)-[:MASTERS]->(t:Technology)
WITH e, partners, products, platforms, count(DISTINCT t) AS technologies
OPTIONAL MATCH (e)-[:OWNS]->(q:Patent)
WITH e, partners, products, platforms, technologies, count(DISTINCT q) AS patents
OPTIONAL MATCH (e)-[:LEADS]->(g)
RETURN e.name AS enterprise, partners, products, platforms, technologies, patents, count(DISTINCT g) AS led
ORDER BY enterprise
