SELECT j.code, kind, x.name, detail, x.id FROM (
    SELECT p.primary_jtbd_id AS jtbd_id, 'project' AS kind, p.name, o.name AS detail, p.id
    FROM projects p LEFT JOIN organizations o ON o.id = p.organization_id
    UNION ALL SELECT p.primary_jtbd_id, 'workflow', w.name, w.workflow_type, w.id FROM workflows w JOIN projects p ON p.id = w.project_id
    UNION ALL SELECT s.jtbd_id, 'task', t.name, a.activity_name, t.id FROM tasks t
    JOIN jtbd_workflow_activities a ON a.id = t.jtbd_activity_id JOIN jtbd_workflow_stages s ON s.id = a.workflow_stage_id
) x JOIN jobs_to_be_done j ON j.id = x.jtbd_id WHERE $job::VARCHAR IS NULL OR j.id = $job
