// 一个对象的四邻：和谁、以什么关系、朝哪个方向相连（编号见任何结果里的 类型:编号）。
// What surrounds one entity: linked to what, by which relation, in which direction (its key is the id after the type).
// :param {key: "name:锂电", limit: 1000}
MATCH (n)-[r]->(m) WHERE n.key = $key
RETURN type(r) AS relation, 'out' AS direction, [label IN labels(m) WHERE label <> 'ChainAtlas'][0] AS type, m.name AS name, m.key AS key
ORDER BY relation, type, key LIMIT $limit
UNION ALL
MATCH (n)<-[r]-(m) WHERE n.key = $key
RETURN type(r) AS relation, 'in' AS direction, [label IN labels(m) WHERE label <> 'ChainAtlas'][0] AS type, m.name AS name, m.key AS key
ORDER BY relation, type, key LIMIT $limit
