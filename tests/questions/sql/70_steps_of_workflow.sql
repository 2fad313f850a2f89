SELECT w.name, s.node_type, t.name, c.connection_type, n.node_type, u.name, s.id, n.id
FROM workflow_step_definitions s JOIN workflows w ON w.id = s.workflow_id LEFT JOIN tasks t ON t.id = s.task_id
LEFT JOIN (workflow_step_connections c JOIN workflow_step_definitions n ON n.id = c.to_step_id) ON c.from_step_id = s.id
LEFT JOIN tasks u ON u.id = n.task_id
JOIN projects p ON p.id = w.project_id
JOIN source.jobs_to_be_done j ON j.id = p.primary_jtbd_id JOIN tenants o ON o.id = j.tenant_id
WHERE $workflow::VARCHAR IS NULL OR w.id = $workflow
