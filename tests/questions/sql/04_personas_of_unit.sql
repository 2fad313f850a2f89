SELECT f.name, d.name, p.name, r.name, p.id
FROM personas p LEFT JOIN org_functions f ON f.id = p.function_id LEFT JOIN org_departments d ON d.id = p.department_id
LEFT JOIN org_roles r ON r.id = p.role_id
WHERE ($function::VARCHAR IS NULL OR f.id = $function) AND ($department::VARCHAR IS NULL OR d.id = $department)
