SELECT r.name, (SELECT count(DISTINCT h.user_id) FROM org_hierarchy h JOIN user_profiles u ON u.id = h.user_id WHERE h.role_id = r.id),
       (SELECT count(DISTINCT h.user_id) FROM org_hierarchy h JOIN user_profiles u ON u.id = h.user_id
        JOIN user_profiles b ON b.id = h.reports_to_user_id WHERE h.role_id = r.id),
       (SELECT count(DISTINCT m.user_id) FROM org_team_members m JOIN org_teams t ON t.id = m.team_id
        JOIN user_profiles u ON u.id = m.user_id WHERE m.role_id = r.id),
       (SELECT count(*) FROM personas p WHERE p.role_id = r.id), r.id
FROM org_roles r
