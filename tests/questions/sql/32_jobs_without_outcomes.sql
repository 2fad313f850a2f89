SELECT j.code, j.name, j.functional_area, j.id
FROM jobs_to_be_done j LEFT JOIN jtbd_outcomes o ON o.jtbd_id = j.id WHERE o.id IS NULL
