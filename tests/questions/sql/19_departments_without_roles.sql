SELECT f.name, d.name, d.id
FROM org_departments d LEFT JOIN org_functions f ON f.id = d.function_id
WHERE NOT EXISTS (SELECT 1 FROM org_roles r WHERE r.department_id = d.id)
  AND NOT EXISTS (SELECT 1 FROM department_roles a JOIN org_roles r ON r.id = a.role_id WHERE a.department_id = d.id)
