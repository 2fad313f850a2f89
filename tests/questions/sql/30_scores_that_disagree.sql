SELECT j.code, s.outcome_id, s.opportunity_score, s.opportunity, s.opportunity_priority, s.priority, s.evidence_source, s.id
FROM scored s JOIN jobs_to_be_done j ON j.id = s.jtbd_id
WHERE s.opportunity_score <> s.opportunity OR s.opportunity_priority <> s.priority
