SELECT w.name, e.started_at, e.status, coalesce(e.triggered_by IN (SELECT id FROM user_profiles), false),
       (SELECT count(*) FROM workflow_execution_steps x WHERE x.execution_id = e.id),
       (SELECT count(DISTINCT step_id) FROM workflow_execution_steps x WHERE x.execution_id = e.id),
       (SELECT count(DISTINCT a.id) FROM workflow_execution_steps x JOIN agents a ON a.id = x.agent_id WHERE x.execution_id = e.id),
       (SELECT count(*) FROM workflow_logs x JOIN workflow_execution_steps s ON s.id = x.step_id WHERE x.execution_id = e.id),
       (SELECT count(*) FROM workflow_approvals x WHERE x.execution_id = e.id),
       (SELECT count(DISTINCT u.id) FROM workflow_approvals x JOIN user_profiles u ON u.id = x.approved_by WHERE x.execution_id = e.id),
       (SELECT count(*) FROM execution_context x WHERE x.execution_id = e.id),
       (SELECT count(DISTINCT t.id) FROM workflow_tasks x JOIN tasks t ON t.id = x.task_id WHERE x.workflow_id = w.id), e.id
FROM workflow_executions e JOIN workflows w ON w.id = e.workflow_id WHERE $workflow::VARCHAR IS NULL OR w.id = $workflow
