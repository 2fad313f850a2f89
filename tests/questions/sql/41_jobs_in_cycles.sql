WITH RECURSIVE edge AS (
    SELECT d.dependent_jtbd_id AS a, d.source_jtbd_id AS b FROM jtbd_dependencies d
    JOIN jobs_to_be_done j ON j.id = d.dependent_jtbd_id JOIN jobs_to_be_done k ON k.id = d.source_jtbd_id
), reach AS (SELECT a, b FROM edge UNION SELECT r.a, e.b FROM reach r JOIN edge e ON e.a = r.b)
SELECT j.code, j.name, m.code, j.id, m.id
FROM reach x JOIN reach y ON y.a = x.b AND y.b = x.a JOIN jobs_to_be_done j ON j.id = x.a JOIN jobs_to_be_done m ON m.id = x.b
