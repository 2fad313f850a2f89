SELECT a.name, t.is_enabled, j.code, j.name, a.id, j.id
FROM agent_tools t JOIN agents a ON a.id = t.agent_id JOIN org_roles r ON r.id = a.role_id
JOIN jtbd_roles m ON m.role_id = r.id JOIN jobs_to_be_done j ON j.id = m.jtbd_id WHERE t.tool_id = $tool
