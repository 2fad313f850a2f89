SELECT t.name, f.name, d.name, r.name,
       (SELECT count(DISTINCT j.id) FROM jtbd_roles m JOIN jobs_to_be_done j ON j.id = m.jtbd_id WHERE m.role_id = r.id),
       (SELECT count(*) FROM personas p WHERE p.role_id = r.id), r.id
FROM org_roles r JOIN tenants t ON t.id = r.tenant_id LEFT JOIN org_functions f ON f.id = r.function_id
LEFT JOIN org_departments d ON d.id = r.department_id
WHERE $function::VARCHAR IS NULL OR f.id = $function
