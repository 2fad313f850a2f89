SELECT kind, text, id FROM (
    SELECT persona_id, 'career' AS kind, expected_progression AS text, id FROM persona_career_trajectory
    UNION ALL SELECT persona_id, 'certification', certification_name, id FROM persona_certifications
    UNION ALL SELECT persona_id, 'communication', preference_value, id FROM persona_communication_preferences
    UNION ALL SELECT persona_id, 'education', degree, id FROM persona_education
    UNION ALL SELECT persona_id, 'motivation', motivation_text, id FROM persona_motivations
    UNION ALL SELECT persona_id, 'value', value_name, id FROM persona_values
    UNION ALL SELECT persona_id, 'trait', trait_name, id FROM persona_personality_traits
    UNION ALL SELECT persona_id, 'success metric', metric_name, id FROM persona_success_metrics
    UNION ALL SELECT persona_id, 'VPANES score', total_score::VARCHAR, id FROM persona_vpanes_scoring
) x WHERE persona_id = $persona
