SELECT t.name, EXISTS (SELECT 1 FROM user_profiles u JOIN users x ON x.id = u.id WHERE u.id = t.lead_user_id),
       (SELECT count(DISTINCT m.user_id) FROM org_team_members m JOIN user_profiles u ON u.id = m.user_id WHERE m.team_id = t.id),
       (SELECT count(DISTINCT r.id) FROM org_team_members m JOIN org_roles r ON r.id = m.role_id WHERE m.team_id = t.id), t.id
FROM org_teams t
