SELECT f.name, r.name, count(DISTINCT j.id), r.id
FROM org_roles r LEFT JOIN org_functions f ON f.id = r.function_id LEFT JOIN jtbd_roles m ON m.role_id = r.id
LEFT JOIN jobs_to_be_done j ON j.id = m.jtbd_id
WHERE NOT EXISTS (SELECT 1 FROM personas p WHERE p.role_id = r.id)
GROUP BY f.name, r.name, r.id
