SELECT s.stage_number, s.stage_name, a.sequence_order, a.activity_name, a.is_bottleneck, a.is_critical_path, a.effort_level,
       a.automation_potential, b.activity_name, a.id
FROM jtbd_workflow_stages s LEFT JOIN jtbd_workflow_activities a ON a.workflow_stage_id = s.id
LEFT JOIN jtbd_workflow_activities b ON b.id = a.depends_on_activity_id WHERE s.jtbd_id = $job
