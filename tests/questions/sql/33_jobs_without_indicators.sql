SELECT j.code, j.name, j.id FROM jobs_to_be_done j LEFT JOIN jtbd_kpis k ON k.jtbd_id = j.id WHERE k.id IS NULL
