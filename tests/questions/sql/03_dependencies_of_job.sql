WITH RECURSIVE needed AS (
    SELECT d.source_jtbd_id AS id FROM jtbd_dependencies d
    JOIN jobs_to_be_done j ON j.id = d.source_jtbd_id WHERE d.dependent_jtbd_id = $job
    UNION
    SELECT d.source_jtbd_id FROM needed n JOIN jtbd_dependencies d ON d.dependent_jtbd_id = n.id
    JOIN jobs_to_be_done j ON j.id = d.source_jtbd_id
)
SELECT j.id IN (SELECT source_jtbd_id FROM jtbd_dependencies WHERE dependent_jtbd_id = $job), j.code, j.name, j.id
FROM needed n JOIN jobs_to_be_done j ON j.id = n.id
