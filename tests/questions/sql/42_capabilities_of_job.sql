SELECT c.name, d.name, m.is_required, m.relevance_score, c.maturity_level, c.id
FROM capability_jtbd_mapping m JOIN capabilities c ON c.id = m.capability_id LEFT JOIN domains d ON d.id = c.domain_id
WHERE m.jtbd_id = $job
