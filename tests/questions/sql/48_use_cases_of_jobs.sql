SELECT j.code, o.automation_potential_score, o.augmentation_potential_score, o.implementation_complexity, u.use_case_id,
       u.use_case_name, u.ai_technology, u.id
FROM jtbd_gen_ai_use_cases u JOIN jobs_to_be_done j ON j.id = u.jtbd_id
LEFT JOIN jtbd_gen_ai_opportunities o ON o.id = u.gen_ai_opportunity_id WHERE $job::VARCHAR IS NULL OR j.id = $job
