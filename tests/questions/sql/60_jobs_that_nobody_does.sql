SELECT j.code, j.name, f.name, j.id FROM jobs_to_be_done j LEFT JOIN org_functions f ON f.id = j.org_function_id
WHERE j.id NOT IN (SELECT m.jtbd_id FROM jtbd_roles m JOIN org_roles r ON r.id = m.role_id)
  AND j.id NOT IN (SELECT m.jtbd_id FROM jtbd_personas m JOIN personas p ON p.id = m.persona_id)
