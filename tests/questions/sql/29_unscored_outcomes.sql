SELECT j.code, o.outcome_id, o.outcome_statement, o.importance_score, o.satisfaction_score, o.evidence_source, o.id
FROM jtbd_outcomes o JOIN jobs_to_be_done j ON j.id = o.jtbd_id
WHERE NOT coalesce(o.importance_score BETWEEN 0 AND 10 AND o.satisfaction_score BETWEEN 0 AND 10, false)
