WITH doer AS (SELECT p.id, m.jtbd_id FROM personas p JOIN org_roles r ON r.id = p.role_id JOIN jtbd_roles m ON m.role_id = r.id
              UNION SELECT persona_id, jtbd_id FROM jtbd_personas),
     done AS (SELECT d.id, d.jtbd_id FROM doer d JOIN jobs_to_be_done j ON j.id = d.jtbd_id)
SELECT count(DISTINCT a.jtbd_id), p.name, r.name, p.id
FROM done a JOIN done b ON b.jtbd_id = a.jtbd_id AND b.id <> a.id JOIN personas p ON p.id = b.id
LEFT JOIN org_roles r ON r.id = p.role_id WHERE a.id = $persona GROUP BY p.name, r.name, p.id
