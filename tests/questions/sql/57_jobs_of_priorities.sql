SELECT p.code, p.name, d.name, count(DISTINCT j.id), count(s.id), count(s.id) FILTER (s.evidence_source IS NULL),
       max(s.opportunity)
FROM strategic_priorities p JOIN jobs_to_be_done j ON j.strategic_priority_id = p.id LEFT JOIN domains d ON d.id = p.domain_id
LEFT JOIN scored s ON s.jtbd_id = j.id WHERE $priority::VARCHAR IS NULL OR p.id = $priority
GROUP BY p.id, p.code, p.name, d.name
