WITH doer AS (SELECT m.jtbd_id, d.id, d.name FROM jtbd_roles m JOIN org_roles r ON r.id = m.role_id
              JOIN org_departments d ON d.id = r.department_id JOIN jobs_to_be_done j ON j.id = m.jtbd_id WHERE m.is_primary)
SELECT a.name, b.name, count(DISTINCT a.jtbd_id), count(DISTINCT b.jtbd_id), a.id, b.id
FROM jtbd_dependencies x JOIN doer a ON a.jtbd_id = x.dependent_jtbd_id JOIN doer b ON b.jtbd_id = x.source_jtbd_id
WHERE a.id <> b.id GROUP BY a.name, b.name, a.id, b.id
