SELECT f.name, d.name, r.name, r.id
FROM org_roles r LEFT JOIN org_functions f ON f.id = r.function_id LEFT JOIN org_departments d ON d.id = r.department_id
WHERE r.id NOT IN (SELECT m.role_id FROM jtbd_roles m JOIN jobs_to_be_done j ON j.id = m.jtbd_id)
