SELECT j.code, x.kind, x.title, x.status, x.started_at, a.name, l.name, x.user_id IN (SELECT id FROM user_profiles), p.name, consensus, votes, confidence, x.id FROM (
    SELECT 'consultation' AS kind, title, status, started_at, agent_id, persona_id, NULL AS consensus, NULL AS votes,
           NULL AS confidence, jtbd_id, id, user_id, model_config_id FROM expert_consultations
    UNION ALL SELECT 'panel', discussion_topic, status, started_at, facilitator_agent_id, persona_id, consensus_reached,
           (SELECT count(*) FROM panel_votes v WHERE v.panel_id = d.id), consensus_confidence, jtbd_id, id, user_id, NULL
    FROM panel_discussions d
) x JOIN jobs_to_be_done j ON j.id = x.jtbd_id LEFT JOIN agents a ON a.id = x.agent_id
LEFT JOIN model_configurations c ON c.id = x.model_config_id LEFT JOIN llm_models l ON l.id = c.model_id
LEFT JOIN personas p ON p.id = x.persona_id WHERE $job::VARCHAR IS NULL OR j.id = $job
