WITH RECURSIVE edge AS (
    SELECT parent_id AS a, id AS b FROM knowledge_domains WHERE parent_id IS NOT NULL
    UNION SELECT parent_domain_id, child_domain_id FROM domain_hierarchies
), under AS (
    SELECT k.id FROM edge e JOIN knowledge_domains k ON k.id = e.b WHERE e.a = $domain
    UNION SELECT k.id FROM under u JOIN edge e ON e.a = u.id JOIN knowledge_domains k ON k.id = e.b
)
SELECT k.name, k.id IN (SELECT b FROM edge WHERE a = $domain), k.id FROM under u JOIN knowledge_domains k ON k.id = u.id
