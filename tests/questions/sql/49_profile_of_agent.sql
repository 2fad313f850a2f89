SELECT 'skill', s.name, c.name, s.id FROM agent_skills a JOIN skills s ON s.id = a.skill_id
LEFT JOIN skill_categories c ON c.id = s.category_id WHERE a.agent_id = $agent
UNION ALL SELECT 'tool', t.name, t.tool_type, t.id FROM agent_tools a JOIN tools t ON t.id = a.tool_id WHERE a.agent_id = $agent
UNION ALL SELECT 'industry and its relevance', i.name, a.relevance_score::VARCHAR, i.id
FROM agent_industries a JOIN industries i ON i.id = a.industry_id WHERE a.agent_id = $agent
UNION ALL SELECT 'model and its fallback', m.name, f.name, c.id FROM model_configurations c
JOIN llm_models m ON m.id = c.model_id LEFT JOIN llm_models f ON f.id = c.fallback_model_id WHERE c.agent_id = $agent
UNION ALL SELECT 'success rate of a day', metric_date, success_rate::VARCHAR, id FROM agent_metrics WHERE agent_id = $agent
UNION ALL SELECT 'role it supports', r.name, NULL, r.id FROM agents a JOIN org_roles r ON r.id = a.role_id WHERE a.id = $agent
UNION ALL SELECT 'department it supports', d.name, NULL, d.id
FROM agents a JOIN org_departments d ON d.id = a.department_id WHERE a.id = $agent
UNION ALL SELECT 'function it supports', f.name, NULL, f.id
FROM agents a JOIN org_functions f ON f.id = a.function_id WHERE a.id = $agent
