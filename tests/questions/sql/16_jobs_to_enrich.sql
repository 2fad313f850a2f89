SELECT j.code, j.name, x.missing, j.id
FROM jobs_to_be_done j CROSS JOIN (VALUES ('key performance indicators'), ('obstacles'), ('outcomes'),
     ('success criteria'), ('workflow stages')) x(missing)
WHERE j.id NOT IN (SELECT jtbd_id FROM (
    SELECT jtbd_id, 'key performance indicators' AS part FROM jtbd_kpis UNION ALL SELECT jtbd_id, 'obstacles' FROM jtbd_obstacles
    UNION ALL SELECT jtbd_id, 'outcomes' FROM jtbd_outcomes
    UNION ALL SELECT jtbd_id, 'success criteria' FROM jtbd_success_criteria
    UNION ALL SELECT jtbd_id, 'workflow stages' FROM jtbd_workflow_stages) y WHERE y.part = x.missing)
