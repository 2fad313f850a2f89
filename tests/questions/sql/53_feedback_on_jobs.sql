SELECT 'consultation', c.title, j.code, b.rating, b.was_helpful, b.user_id IN (SELECT id FROM user_profiles), b.feedback_text, b.id
FROM consultation_feedback b JOIN expert_consultations c ON c.id = b.consultation_id
LEFT JOIN jobs_to_be_done j ON j.id = c.jtbd_id
UNION ALL SELECT 'panel', p.discussion_topic, j.code, b.rating, b.was_helpful, b.user_id IN (SELECT id FROM user_profiles), b.feedback_text, b.id
FROM consultation_feedback b JOIN panel_discussions p ON p.id = b.panel_id LEFT JOIN jobs_to_be_done j ON j.id = p.jtbd_id
UNION ALL SELECT 'workflow run', w.name, NULL, b.rating, b.was_helpful, b.user_id IN (SELECT id FROM user_profiles), b.feedback_text, b.id
FROM consultation_feedback b JOIN workflow_executions e ON e.id = b.workflow_execution_id JOIN workflows w ON w.id = e.workflow_id
