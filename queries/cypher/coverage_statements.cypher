// 覆盖声明：哪些名单声称覆盖了什么、多完整、凭什么、到什么时候。没有声明，就谈不上“缺环”。
// Completeness statements: which list claims to cover what, how fully, on what ground, as of when. Without one nothing can be called missing.
// :param {}
MATCH (s:Coverage)
RETURN s.source AS source, s.relation AS relation, s.population AS population, s.place AS place, s.chain AS chain,
       s.share AS share, s.basis AS basis, s.as_of AS as_of
ORDER BY source, relation, place, chain
