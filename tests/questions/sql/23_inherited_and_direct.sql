WITH inherited AS (SELECT p.id, m.jtbd_id FROM personas p JOIN org_roles r ON r.id = p.role_id
                   JOIN jtbd_roles m ON m.role_id = r.id JOIN jobs_to_be_done j ON j.id = m.jtbd_id),
     direct AS (SELECT m.persona_id AS id, m.jtbd_id FROM jtbd_personas m JOIN jobs_to_be_done j ON j.id = m.jtbd_id)
SELECT p.name, r.name, (SELECT count(*) FROM (SELECT * FROM inherited EXCEPT SELECT * FROM direct) x WHERE x.id = p.id),
       (SELECT count(*) FROM (SELECT * FROM direct EXCEPT SELECT * FROM inherited) x WHERE x.id = p.id),
       (SELECT count(*) FROM (SELECT * FROM direct INTERSECT SELECT * FROM inherited) x WHERE x.id = p.id), p.id
FROM personas p LEFT JOIN org_roles r ON r.id = p.role_id
