// 一条链上各产品环节在一个地方的状态：完备、单点、缺环、待核、视为可得，还是数据不足。只用覆盖声明作依据，不判“弱环”。attached、speaking 是原词挂上的（企业、环节）和有产品词的企业，由 chainatlas 填；空着时只看产品名相同的。
// The status of a chain's product links in a place: adequate, single source, missing, possible, assumed or unknown. By completeness statements only; "weak" is not judged. attached and speaking (what words of lists attach) are filled in by chainatlas; left empty, only equal names count.
// :param {chain: "锂电", place: "山东省", floor: 0.5, firm: 0.8, named: 0.6, included: 0.8, facts: ["事实", "按环节", "按产品", "facts"], attached: [], speaking: [], inactive: ["注销", "吊销", "已注销", "停业", "歇业", "清算", "破产"]}
OPTIONAL MATCH (here:Region) WHERE here.name = $place OR $place IN here.short_name
WITH here WHERE $place IS NULL OR here IS NOT NULL
OPTIONAL MATCH (here)<-[:LOCATED_IN|PART_OF|SUCCEEDED_BY*0..6]-(spot)<-[:LOCATED_IN|IN_CLUSTER]-(e:Enterprise)
WITH here, collect(DISTINCT e.key) AS inside
OPTIONAL MATCH (here)-[:LOCATED_IN|PART_OF|SUCCEEDED_BY*0..6]->(wide:Region)
WITH here, inside, collect(DISTINCT wide.name) AS holders
OPTIONAL MATCH (s:Coverage) WHERE s.relation = 'PRODUCES' AND (s.place IS NULL OR s.place IN holders)
OPTIONAL MATCH (about:Region) WHERE about.name = s.place
WITH inside, s, about, CASE WHEN here IS NULL THEN -1 WHEN here.level = '国家' THEN 0 WHEN here.level = '省' THEN 1 WHEN here.level = '县' THEN 3 ELSE 2 END AS rank,
     CASE WHEN about IS NULL THEN -1 WHEN about.level = '国家' THEN 0 WHEN about.level = '省' THEN 1 WHEN about.level = '县' THEN 3 ELSE 2 END AS wider
OPTIONAL MATCH (about)<-[:LOCATED_IN|PART_OF|SUCCEEDED_BY*0..6]-(spot)<-[:LOCATED_IN|IN_CLUSTER]-(f:Enterprise)
WHERE (s.population IS NULL OR s.population = '全部' OR s.population IN f.kind OR (s.population = '上市公司' AND f.stock_code IS NOT NULL))
WITH inside, s, about, rank, wider, collect(DISTINCT f) AS near
OPTIONAL MATCH (f:Enterprise) WHERE about IS NULL AND (s.population IS NULL OR s.population = '全部' OR s.population IN f.kind OR (s.population = '上市公司' AND f.stock_code IS NOT NULL))
WITH inside, s, rank, wider, near, collect(DISTINCT f) AS others
WITH inside, s, rank, wider, near + others AS firms
OPTIONAL MATCH (q:Enterprise) WHERE q IN firms AND (q.key IN $speaking OR EXISTS { (q)-[:PRODUCES]->(:Product) })
WITH inside, s, rank, wider, firms, count(DISTINCT q) AS speaking
OPTIONAL MATCH (p:Enterprise)-[:LOCATED_IN|IN_CLUSTER]->(spot)-[:LOCATED_IN|PART_OF|SUCCEEDED_BY*0..6]->(fine:Region)
WHERE p IN firms AND rank > wider AND rank <= CASE WHEN fine IS NULL THEN -1 WHEN fine.level = '国家' THEN 0 WHEN fine.level = '省' THEN 1 WHEN fine.level = '县' THEN 3 ELSE 2 END
WITH inside, s, rank, wider, size(firms) AS firms, speaking, count(DISTINCT p) AS placed
OPTIONAL MATCH (f:Enterprise) WHERE s.population IN f.kind
WITH inside, s, firms, speaking, CASE WHEN rank <= wider OR firms = 0 THEN 1.0 ELSE 1.0 * placed / firms END AS reach, count(f) AS width
WITH inside, s, reach, width, CASE WHEN firms = 0 THEN 1.0 ELSE 1.0 * speaking / firms END AS told,
     coalesce(s.list_share, s.told, s.grain, s.named, s.included) IS NULL AND any(word IN $facts WHERE coalesce(s.basis, '') CONTAINS word) AS whole
WITH inside, s, reach, width, whole, CASE WHEN whole THEN s.share ELSE coalesce(s.list_share, s.share) * coalesce(s.told, told) END AS spoken
WITH inside, collect({about: s.chain, population: coalesce(s.population, '全部'), width: width,
     kappa: CASE WHEN s IS NULL THEN 0.0 WHEN whole THEN spoken * reach ELSE spoken * coalesce(s.included, s.grain, $included) * reach END,
     named: CASE WHEN s IS NULL THEN 0.0 WHEN whole THEN spoken * reach ELSE spoken * coalesce(s.named, s.grain, $named) * reach END}) AS claims
MATCH (c:Chain) WHERE c.name = $chain OR $chain IN c.short_name
MATCH (l:Product)-[:IN_CHAIN]->(c)
MATCH (l)-[:IN_CHAIN]->(other:Chain)
WITH inside, l, claims, collect(DISTINCT other) AS chains
UNWIND claims AS claim
WITH inside, l, claim, claim.about IS NULL OR any(k IN chains WHERE k.name = claim.about OR claim.about IN k.short_name) AS speaks
WITH inside, l, claim.population AS population, max(claim.width) AS width,
     collect(CASE WHEN speaks THEN claim.kappa ELSE 0.0 END) AS shares, collect(CASE WHEN speaks THEN claim.named ELSE 0.0 END) AS counts
WITH inside, l, population, width, 1.0 - reduce(rest = 1.0, one IN shares | rest * (1.0 - one)) AS kappa,
     1.0 - reduce(rest = 1.0, one IN counts | rest * (1.0 - one)) AS named,
     CASE population WHEN '全部' THEN 0 WHEN '规上工业企业' THEN 1 WHEN '高新技术企业' THEN 2 WHEN '上市公司' THEN 3 ELSE 4 END AS place
ORDER BY place, width DESC, population
WITH inside, l, collect({population: population, kappa: kappa, named: named}) AS said
WITH inside, l, reduce(best = {population: null, kappa: 0.0, named: 0.0}, one IN said |
     CASE WHEN best.kappa < $floor AND one.kappa > best.kappa THEN one ELSE best END) AS best
WITH inside, l, best.population AS population, CASE WHEN l.captive = true THEN 0.0 ELSE best.kappa END AS kappa,
     CASE WHEN l.captive = true THEN 0.0 ELSE best.named END AS named
OPTIONAL MATCH (l)<-[:KIND_OF*0..8]-(kind:Product)
WITH inside, l, population, kappa, named, collect(DISTINCT kind.key) AS kinds
OPTIONAL MATCH (l)<-[:KIND_OF*0..8]-(made:Product)<-[:PRODUCES]-(e:Enterprise)
WHERE none(bad IN $inactive WHERE coalesce(e.status, '') STARTS WITH bad)
  AND ($place IS NULL OR e.key IN inside)
WITH inside, l, population, kappa, named, kinds, collect(DISTINCT e.key) AS listed
WITH inside, l, population, kappa, named, kinds, reduce(every = listed, a IN $attached | CASE WHEN a.maker AND a.link IN kinds AND NOT a.firm IN every
     AND ($place IS NULL OR a.firm IN inside) THEN every + [a.firm] ELSE every END) AS makers
OPTIONAL MATCH (l)-[:KIND_OF*1..8]->(wide:Product)
OPTIONAL MATCH (wide)<-[:KIND_OF*1..8]-(below:Product)
WITH inside, l, population, kappa, named, kinds, makers, wide, collect(DISTINCT below.key) AS under
OPTIONAL MATCH (wide)<-[:KIND_OF*1..8]-(below:Product)<-[:PRODUCES]-(e:Enterprise)
WITH inside, l, population, kappa, named, kinds, makers, wide, under, collect(DISTINCT e.key) AS finer
OPTIONAL MATCH (wide)<-[:PRODUCES]-(e:Enterprise)
WHERE none(bad IN $inactive WHERE coalesce(e.status, '') STARTS WITH bad)
  AND ($place IS NULL OR e.key IN inside)
WITH inside, l, population, kappa, named, kinds, makers, wide, under, finer, collect(DISTINCT e.key) AS listed
WITH inside, l, population, kappa, named, kinds, makers, [x IN listed + [a IN $attached WHERE a.maker AND a.link = wide.key AND ($place IS NULL OR a.firm IN inside) | a.firm]
     WHERE NOT x IN finer AND none(a IN $attached WHERE a.maker AND a.firm = x AND a.link IN under)] AS general
UNWIND CASE WHEN size(general) = 0 THEN [null] ELSE general END AS x
WITH inside, l, population, kappa, named, kinds, makers, collect(DISTINCT x) AS general
WITH inside, l, population, kappa, named, kinds, makers, general + [a IN $attached WHERE NOT a.maker AND a.link IN kinds AND ($place IS NULL OR a.firm IN inside) | a.firm] AS maybe
WITH inside, l, population, kappa, named, kinds, makers, size(reduce(every = [], x IN maybe | CASE WHEN x IN every OR x IN makers THEN every ELSE every + [x] END)) AS possible
WITH l, population, kappa, named, size(makers) AS producers, possible
RETURN l.name AS link, l.key AS key, producers, possible, CASE WHEN kappa > 0 THEN population ELSE null END AS population,
       round(kappa * 10000) / 10000 AS coverage, round(named * 10000) / 10000 AS named,
       CASE WHEN kappa >= $firm AND population IN ['全部', '规上工业企业'] THEN 'firm' WHEN kappa > 0 THEN 'narrow' ELSE null END AS ground,
       CASE WHEN producers = 0 AND coalesce(l.primary, false) THEN 'assumed' WHEN kappa < $floor AND producers < 2 THEN 'unknown'
            WHEN producers = 0 AND possible > 0 THEN 'possible' WHEN producers = 0 THEN 'missing'
            WHEN producers = 1 AND (named < $floor OR possible > 0) THEN 'unknown'
            WHEN producers = 1 THEN 'single_source' ELSE 'adequate' END AS status
ORDER BY link, key
