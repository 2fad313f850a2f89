SELECT f.name, j.code, g.name, n.code, d.dependency_type, d.strength, j.id, n.id
FROM jtbd_dependencies d JOIN jobs_to_be_done j ON j.id = d.dependent_jtbd_id
JOIN jobs_to_be_done n ON n.id = d.source_jtbd_id JOIN org_functions f ON f.id = j.org_function_id
JOIN org_functions g ON g.id = n.org_function_id
WHERE f.id <> g.id AND ($type::VARCHAR IS NULL OR d.dependency_type = $type)
