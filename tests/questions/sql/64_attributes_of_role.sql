SELECT 'product lifecycle stage', t.name, t.id FROM role_product_lifecycle_stages x
JOIN product_lifecycle_stages t ON t.id = x.product_lifecycle_stage_id WHERE x.role_id = $role
UNION ALL SELECT 'disease area', t.name, t.id FROM role_disease_areas x JOIN disease_areas t ON t.id = x.disease_area_id WHERE x.role_id = $role
UNION ALL SELECT 'geographic scope', t.name, t.id FROM role_geographic_scopes x
JOIN geographic_scopes t ON t.id = x.geographic_scope_id WHERE x.role_id = $role
UNION ALL SELECT 'credential', t.name, t.id FROM role_typical_background x JOIN credentials t ON t.id = x.credential_id WHERE x.role_id = $role
UNION ALL SELECT 'responsibility', t.name, t.id FROM role_responsibilities x
JOIN org_responsibilities t ON t.id = x.responsibility_id WHERE x.role_id = $role
UNION ALL SELECT 'country', t.name, t.id FROM role_countries x JOIN countries t ON t.id = x.country_id WHERE x.role_id = $role
UNION ALL SELECT 'organizational level', t.name, t.id FROM role_organizational_levels x
JOIN organizational_levels t ON t.id = x.organizational_level_id WHERE x.role_id = $role
