SELECT j.code, j.name, j.id FROM jobs_to_be_done j WHERE j.id NOT IN (SELECT jtbd_id FROM jtbd_success_criteria)
