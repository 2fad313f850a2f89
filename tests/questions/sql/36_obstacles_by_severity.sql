SELECT o.severity, o.obstacle_type, o.obstacle_text, j.code, o.id
FROM jtbd_obstacles o JOIN jobs_to_be_done j ON j.id = o.jtbd_id
WHERE ($severity::VARCHAR IS NULL OR o.severity = $severity) AND ($job::VARCHAR IS NULL OR j.id = $job)
