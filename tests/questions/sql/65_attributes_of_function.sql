SELECT 'geographic scope', t.name, t.id FROM function_geographic_scopes x
JOIN geographic_scopes t ON t.id = x.geographic_scope_id WHERE x.function_id = $function
UNION ALL SELECT 'therapeutic area', t.name, t.id FROM function_therapeutic_areas x
JOIN therapeutic_areas t ON t.id = x.therapeutic_area_id WHERE x.function_id = $function
UNION ALL SELECT 'department', name, id FROM org_departments
WHERE function_id = $function OR id IN (SELECT department_id FROM function_departments WHERE function_id = $function)
UNION ALL SELECT 'role', name, id FROM org_roles
WHERE function_id = $function OR id IN (SELECT role_id FROM function_roles WHERE function_id = $function)
UNION ALL SELECT 'industry', t.name, t.id FROM function_industries x JOIN industries t ON t.id = x.industry_id WHERE x.function_id = $function
UNION ALL SELECT 'country', t.name, t.id FROM function_countries x JOIN countries t ON t.id = x.country_id WHERE x.function_id = $function
