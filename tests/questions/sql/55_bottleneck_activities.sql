WITH RECURSIVE wait AS (
    SELECT depends_on_activity_id AS first, id FROM jtbd_workflow_activities WHERE depends_on_activity_id IS NOT NULL
    UNION SELECT w.first, a.id FROM wait w JOIN jtbd_workflow_activities a ON a.depends_on_activity_id = w.id
)
SELECT j.code, s.stage_name, a.activity_name, a.effort_level, a.automation_potential,
       (SELECT count(DISTINCT w.id) FROM wait w WHERE w.first = a.id), a.id
FROM jtbd_workflow_activities a JOIN jtbd_workflow_stages s ON s.id = a.workflow_stage_id
JOIN jobs_to_be_done j ON j.id = s.jtbd_id WHERE a.is_bottleneck
