SELECT period, kind, text, id FROM (
    SELECT persona_id, '1 day' AS period, 'activity' AS kind, activity_description AS text, id FROM persona_typical_day
    UNION ALL SELECT persona_id, '2 week', 'weekday', day_of_week, id FROM persona_week_in_life
    UNION ALL SELECT persona_id, '2 week', 'meeting', meeting_type, id FROM persona_weekly_meetings
    UNION ALL SELECT persona_id, '2 week', 'milestone', milestone_description, id FROM persona_weekly_milestones
    UNION ALL SELECT persona_id, '3 month', 'phase', month_phase, id FROM persona_month_in_life
    UNION ALL SELECT persona_id, '3 month', 'objective', objective_text, id FROM persona_monthly_objectives
    UNION ALL SELECT persona_id, '3 month', 'contact', stakeholder_type, id FROM persona_monthly_stakeholders
    UNION ALL SELECT persona_id, '4 year', 'conference', conference_name, id FROM persona_annual_conferences
    UNION ALL SELECT persona_id, '4 year', 'quarter', quarter, id FROM persona_year_in_life
) x WHERE persona_id = $persona
