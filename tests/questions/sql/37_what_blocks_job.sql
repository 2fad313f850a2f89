SELECT 'obstacle', severity, obstacle_type, obstacle_text, id FROM jtbd_obstacles
WHERE jtbd_id = $job AND severity IN ('critical', 'high')
UNION ALL
SELECT 'constraint', impact, constraint_type, constraint_text, id FROM jtbd_constraints
WHERE jtbd_id = $job AND impact IN ('critical', 'high')
UNION ALL
SELECT 'dependency', d.strength, d.dependency_type, j.name, j.id
FROM jtbd_dependencies d JOIN jobs_to_be_done j ON j.id = d.source_jtbd_id
WHERE d.dependent_jtbd_id = $job AND d.dependency_type = 'prerequisite'
