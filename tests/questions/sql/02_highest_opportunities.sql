SELECT s.opportunity, s.importance_score, s.satisfaction_score, s.priority, s.outcome_type, s.outcome_statement, j.code,
       s.evidence_source, s.id
FROM scored s JOIN jobs_to_be_done j ON j.id = s.jtbd_id
WHERE s.opportunity >= $least
