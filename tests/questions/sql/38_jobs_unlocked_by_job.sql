WITH RECURSIVE waiting AS (
    SELECT d.dependent_jtbd_id AS id FROM jtbd_dependencies d
    JOIN jobs_to_be_done j ON j.id = d.dependent_jtbd_id WHERE d.source_jtbd_id = $job
    UNION
    SELECT d.dependent_jtbd_id FROM waiting w JOIN jtbd_dependencies d ON d.source_jtbd_id = w.id
    JOIN jobs_to_be_done j ON j.id = d.dependent_jtbd_id
)
SELECT j.id IN (SELECT dependent_jtbd_id FROM jtbd_dependencies WHERE source_jtbd_id = $job), j.code, j.name,
       nullif(count(s.id), 0), CASE WHEN count(s.id) > 0 THEN count(s.id) FILTER (s.evidence_source IS NULL) END,
       max(s.opportunity), j.id
FROM waiting w JOIN jobs_to_be_done j ON j.id = w.id LEFT JOIN scored s ON s.jtbd_id = j.id
GROUP BY j.id, j.code, j.name
