SELECT j.code, n.code, d.dependency_type, d.strength, d.description, j.id, n.id
FROM jtbd_dependencies d JOIN jobs_to_be_done j ON j.id = d.dependent_jtbd_id JOIN jobs_to_be_done n ON n.id = d.source_jtbd_id
WHERE ($type::VARCHAR IS NULL OR d.dependency_type = $type) AND ($strength::VARCHAR IS NULL OR d.strength = $strength)
