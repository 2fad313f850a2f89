WITH inherited AS (
    SELECT m.jtbd_id, m.relevance_score, m.is_primary, r.name
    FROM personas p JOIN org_roles r ON r.id = p.role_id JOIN jtbd_roles m ON m.role_id = r.id
    WHERE p.id = $persona
), direct AS (SELECT jtbd_id, relevance_score, is_primary FROM jtbd_personas WHERE persona_id = $persona)
SELECT j.code, j.name,
       CASE WHEN i.jtbd_id IS NULL THEN 'direct' WHEN d.jtbd_id IS NULL THEN 'inherited' ELSE 'both' END,
       i.relevance_score, i.is_primary, d.relevance_score, d.is_primary, i.name, j.id
FROM jobs_to_be_done j LEFT JOIN inherited i ON i.jtbd_id = j.id LEFT JOIN direct d ON d.jtbd_id = j.id
WHERE i.jtbd_id IS NOT NULL OR d.jtbd_id IS NOT NULL
