SELECT j.code, v.beneficiary, v.value_description, v.quantified_impact, v.id
FROM jtbd_value_drivers v JOIN jobs_to_be_done j ON j.id = v.jtbd_id WHERE $job::VARCHAR IS NULL OR j.id = $job
