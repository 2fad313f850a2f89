SELECT 'geographic scope', t.name, t.id FROM department_geographic_scopes x
JOIN geographic_scopes t ON t.id = x.geographic_scope_id WHERE x.department_id = $department
UNION ALL SELECT 'therapeutic area', t.name, t.id FROM department_therapeutic_areas x
JOIN therapeutic_areas t ON t.id = x.therapeutic_area_id WHERE x.department_id = $department
UNION ALL SELECT 'disease area', t.name, t.id FROM department_disease_areas x
JOIN disease_areas t ON t.id = x.disease_area_id WHERE x.department_id = $department
UNION ALL SELECT 'role', name, id FROM org_roles
WHERE department_id = $department OR id IN (SELECT role_id FROM department_roles WHERE department_id = $department)
UNION ALL SELECT 'country', t.name, t.id FROM department_countries x JOIN countries t ON t.id = x.country_id
WHERE x.department_id = $department
