WITH RECURSIVE line AS (
    SELECT b.id, b.reports_to_role_id AS next, 1 AS steps FROM org_roles r JOIN org_roles b ON b.id = r.reports_to_role_id
    WHERE r.id = $role
    UNION ALL SELECT b.id, b.reports_to_role_id, l.steps + 1 FROM line l JOIN org_roles b ON b.id = l.next WHERE l.steps < 100
)
SELECT l.steps, r.name, d.name, r.id
FROM line l JOIN org_roles r ON r.id = l.id LEFT JOIN org_departments d ON d.id = r.department_id
