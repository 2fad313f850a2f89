SELECT j.code, j.name, r.name, m.relevance_score, j.id
FROM org_roles r JOIN jtbd_roles m ON m.role_id = r.id JOIN jobs_to_be_done j ON j.id = m.jtbd_id
WHERE r.department_id = $department OR r.id IN (SELECT role_id FROM department_roles WHERE department_id = $department)
