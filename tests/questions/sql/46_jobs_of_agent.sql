SELECT DISTINCT way, j.code, j.name, j.id FROM (
    SELECT 'supports a role that does it' AS way, m.jtbd_id FROM agents a JOIN org_roles r ON r.id = a.role_id
    JOIN jtbd_roles m ON m.role_id = r.id WHERE a.id = $agent
    UNION ALL SELECT 'was consulted on it', jtbd_id FROM expert_consultations WHERE agent_id = $agent
    UNION ALL SELECT 'sat on a panel about it', p.jtbd_id FROM panel_members m JOIN panel_discussions p ON p.id = m.panel_id
    WHERE m.agent_id = $agent
) x JOIN jobs_to_be_done j ON j.id = x.jtbd_id
