SELECT p.name, j.code, m.relevance_score, d.relevance_score, coalesce(m.is_primary, false), coalesce(d.is_primary, false),
       p.id, j.id
FROM jtbd_personas d JOIN personas p ON p.id = d.persona_id JOIN org_roles r ON r.id = p.role_id
JOIN jtbd_roles m ON m.role_id = r.id AND m.jtbd_id = d.jtbd_id JOIN jobs_to_be_done j ON j.id = d.jtbd_id
WHERE m.relevance_score <> d.relevance_score OR coalesce(m.is_primary, false) <> coalesce(d.is_primary, false)
