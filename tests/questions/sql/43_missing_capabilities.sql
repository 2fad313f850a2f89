SELECT c.name, c.maturity_level, count(DISTINCT j.id), count(DISTINCT s.id),
       count(DISTINCT s.id) FILTER (s.evidence_source IS NULL), max(s.opportunity), c.id
FROM capability_jtbd_mapping m JOIN capabilities c ON c.id = m.capability_id JOIN jobs_to_be_done j ON j.id = m.jtbd_id
LEFT JOIN scored s ON s.jtbd_id = j.id
WHERE m.is_required AND coalesce(c.maturity_level = 'foundational', true)
GROUP BY c.name, c.maturity_level, c.id
