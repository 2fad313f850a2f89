SELECT j.code, j.name, (SELECT count(*) FROM jtbd_outcomes o WHERE o.jtbd_id = j.id),
       (SELECT count(*) FROM jtbd_obstacles o WHERE o.jtbd_id = j.id),
       (SELECT count(*) FROM jtbd_workflow_stages s WHERE s.jtbd_id = j.id),
       (SELECT count(*) FROM jtbd_workflow_stages s JOIN jtbd_workflow_activities a ON a.workflow_stage_id = s.id
        WHERE s.jtbd_id = j.id),
       (SELECT count(*) FROM jtbd_gen_ai_use_cases u WHERE u.jtbd_id = j.id),
       (SELECT count(*) FROM jtbd_success_criteria c WHERE c.jtbd_id = j.id),
       (SELECT count(*) FROM jtbd_kpis k WHERE k.jtbd_id = j.id), j.id
FROM jobs_to_be_done j
