SELECT s.satisfaction_score - s.importance_score, s.importance_score, s.satisfaction_score, s.outcome_statement, j.code,
       s.evidence_source, s.id
FROM scored s JOIN jobs_to_be_done j ON j.id = s.jtbd_id
WHERE s.satisfaction_score > s.importance_score AND s.satisfaction_score - s.importance_score >= $least
