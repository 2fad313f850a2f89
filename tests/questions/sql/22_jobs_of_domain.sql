WITH RECURSIVE part AS (
    SELECT id, name FROM domains WHERE id = $domain
    UNION SELECT d.id, d.name FROM domains d JOIN part p ON d.parent_id = p.id
)
SELECT p.name, j.code, j.name, s.name, j.id
FROM part p JOIN jobs_to_be_done j ON j.domain_id = p.id LEFT JOIN strategic_priorities s ON s.id = j.strategic_priority_id
