SELECT j.code, j.name, j.id IN (SELECT jtbd_id FROM jtbd_gen_ai_opportunities), j.id
FROM jobs_to_be_done j
WHERE j.id NOT IN (SELECT o.jtbd_id FROM jtbd_gen_ai_opportunities o
                   JOIN jtbd_gen_ai_use_cases u ON u.gen_ai_opportunity_id = o.id)
