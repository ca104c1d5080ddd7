// 一条链上各产品环节在一个地方的状态：完备、单点、缺环，还是数据不足（κ 不到下限）。只用覆盖声明作依据，不判“弱环”。
// The status of a chain's product links in a place: adequate, single source, missing or unknown (κ below the floor). By completeness statements only; "weak" is not judged.
// :param {chain: "锂电", place: "山东省", floor: 0.5, inactive: ["注销", "吊销", "已注销", "停业", "歇业", "清算", "破产"]}
OPTIONAL MATCH (here:Region) WHERE here.name = $place OR $place IN here.short_name
WITH here WHERE $place IS NULL OR here IS NOT NULL
OPTIONAL MATCH (here)<-[:LOCATED_IN|PART_OF|SUCCEEDED_BY*0..6]-(spot)<-[:LOCATED_IN|IN_CLUSTER]-(e:Enterprise)
WITH here, collect(DISTINCT e) AS inside
OPTIONAL MATCH (here)-[:LOCATED_IN|PART_OF|SUCCEEDED_BY*0..6]->(wide:Region)
WITH here, inside, collect(DISTINCT wide.name) AS holders
OPTIONAL MATCH (s:Coverage) WHERE s.relation = 'PRODUCES' AND (s.place IS NULL OR s.place IN holders)
OPTIONAL MATCH (about:Region) WHERE about.name = s.place
WITH inside, s, about, CASE WHEN here IS NULL THEN -1 WHEN here.level = '国家' THEN 0 WHEN here.level = '省' THEN 1 WHEN here.level = '县' THEN 3 ELSE 2 END AS rank,
     CASE WHEN about IS NULL THEN -1 WHEN about.level = '国家' THEN 0 WHEN about.level = '省' THEN 1 WHEN about.level = '县' THEN 3 ELSE 2 END AS wider
OPTIONAL MATCH (about)<-[:LOCATED_IN|PART_OF|SUCCEEDED_BY*0..6]-(spot)<-[:LOCATED_IN|IN_CLUSTER]-(f:Enterprise)
WHERE rank > wider AND (s.population IS NULL OR s.population = '全部' OR s.population IN f.kind OR (s.population = '上市公司' AND f.stock_code IS NOT NULL))
WITH inside, s, about, rank, wider, collect(DISTINCT f) AS near
OPTIONAL MATCH (f:Enterprise) WHERE about IS NULL AND rank > wider AND (s.population IS NULL OR s.population = '全部' OR s.population IN f.kind OR (s.population = '上市公司' AND f.stock_code IS NOT NULL))
WITH inside, s, rank, near, collect(DISTINCT f) AS others
WITH inside, s, rank, near + others AS firms
OPTIONAL MATCH (p:Enterprise)-[:LOCATED_IN|IN_CLUSTER]->(spot)-[:LOCATED_IN|PART_OF|SUCCEEDED_BY*0..6]->(fine:Region)
WHERE p IN firms AND rank <= CASE WHEN fine IS NULL THEN -1 WHEN fine.level = '国家' THEN 0 WHEN fine.level = '省' THEN 1 WHEN fine.level = '县' THEN 3 ELSE 2 END
WITH inside, s, size(firms) AS firms, count(DISTINCT p) AS placed
WITH inside, collect({about: s.chain, population: coalesce(s.population, '全部'),
     share: CASE WHEN s IS NULL THEN 0.0 WHEN firms = 0 THEN s.share ELSE s.share * placed / firms END}) AS claims
MATCH (c:Chain) WHERE c.name = $chain OR $chain IN c.short_name
MATCH (l:Product)-[:IN_CHAIN]->(c)
MATCH (l)-[:IN_CHAIN]->(every:Chain)
WITH inside, l, claims, collect(DISTINCT every) AS chains
UNWIND claims AS claim
WITH inside, l, claim.population AS population,
     collect(CASE WHEN claim.about IS NULL OR any(k IN chains WHERE k.name = claim.about OR claim.about IN k.short_name)
                  THEN claim.share ELSE 0.0 END) AS shares
WITH inside, l, max(1.0 - reduce(rest = 1.0, one IN shares | rest * (1.0 - one))) AS kappa
OPTIONAL MATCH (l)<-[:KIND_OF*0..8]-(made:Product)<-[:PRODUCES]-(e:Enterprise)
WHERE none(bad IN $inactive WHERE coalesce(e.status, '') STARTS WITH bad)
  AND ($place IS NULL OR e IN inside)
WITH l, count(DISTINCT e) AS producers, CASE WHEN l.captive = true THEN 0.0 ELSE kappa END AS kappa
RETURN l.name AS link, l.key AS key, producers, round(kappa * 10000) / 10000 AS coverage,
       CASE WHEN kappa < $floor AND producers < 2 THEN 'unknown' WHEN producers = 0 THEN 'missing'
            WHEN producers = 1 THEN 'single_source' ELSE 'adequate' END AS status
ORDER BY link, key
