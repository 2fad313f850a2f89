WITH mapped AS (
    SELECT m.jtbd_id, c.id, m.is_required, c.maturity_level, coalesce(m.relevance_score, 0) * CASE c.maturity_level
           WHEN 'foundational' THEN 0.2 WHEN 'intermediate' THEN 0.4 WHEN 'advanced' THEN 0.6 WHEN 'expert' THEN 0.8
           WHEN 'thought_leader' THEN 1 ELSE 0 END AS part
    FROM capability_jtbd_mapping m JOIN capabilities c ON c.id = m.capability_id
), covered AS (
    SELECT jtbd_id, 1 - product(1 - part) AS coverage, count(*) FILTER (maturity_level IS NULL) AS unrated,
           count(*) FILTER (maturity_level IS NULL AND is_required) AS lacking
    FROM mapped GROUP BY jtbd_id
), wanted AS (
    SELECT jtbd_id, max(opportunity)::DOUBLE / 20 AS demand, count(*) AS scores,
           count(*) FILTER (evidence_source IS NULL) AS bare FROM scored GROUP BY jtbd_id
)
SELECT demand * (1 - coalesce(coverage, 0)) AS gap, demand, coalesce(coverage, 0), j.code, j.name, coalesce(unrated, 0),
       coalesce(lacking, 0), scores, bare, j.id
FROM jobs_to_be_done j JOIN wanted w ON w.jtbd_id = j.id LEFT JOIN covered c ON c.jtbd_id = j.id
WHERE gap >= $least
