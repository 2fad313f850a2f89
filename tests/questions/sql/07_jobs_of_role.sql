SELECT m.relevance_score, m.is_primary, j.code, j.name, m.mapping_source, m.notes, j.id
FROM jtbd_roles m JOIN jobs_to_be_done j ON j.id = m.jtbd_id JOIN org_roles r ON r.id = m.role_id
WHERE r.id = $role AND m.relevance_score >= $least
