SELECT s.opportunity, s.importance_score, s.satisfaction_score, s.priority, s.outcome_statement, j.code,
       s.evidence_source, s.id
FROM scored s JOIN jobs_to_be_done j ON j.id = s.jtbd_id
WHERE j.id IN (SELECT m.jtbd_id FROM personas p JOIN org_roles r ON r.id = p.role_id JOIN jtbd_roles m ON m.role_id = r.id
               WHERE p.id = $persona UNION SELECT jtbd_id FROM jtbd_personas WHERE persona_id = $persona)
