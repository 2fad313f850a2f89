SELECT kind, code, text, id FROM (
    SELECT 'alternative' AS kind, NULL AS code, alternative_name AS text, id, jtbd_id FROM jtbd_competitive_alternatives
    UNION ALL SELECT 'constraint', NULL, constraint_text, id, jtbd_id FROM jtbd_constraints
    UNION ALL SELECT 'evidence source', NULL, citation, id, jtbd_id FROM jtbd_evidence_sources
    UNION ALL SELECT 'GenAI opportunity', NULL, NULL, id, jtbd_id FROM jtbd_gen_ai_opportunities
    UNION ALL SELECT 'key performance indicator', kpi_code, kpi_name, id, jtbd_id FROM jtbd_kpis
    UNION ALL SELECT 'obstacle', NULL, obstacle_text, id, jtbd_id FROM jtbd_obstacles
    UNION ALL SELECT 'outcome', outcome_id, outcome_statement, id, jtbd_id FROM jtbd_outcomes
    UNION ALL SELECT 'solution requirement', NULL, requirement_text, id, jtbd_id FROM jtbd_solution_requirements
    UNION ALL SELECT 'success criterion', NULL, criterion_text, id, jtbd_id FROM jtbd_success_criteria
    UNION ALL SELECT 'value driver', NULL, value_description, id, jtbd_id FROM jtbd_value_drivers
    UNION ALL SELECT 'workflow stage', NULL, stage_name, id, jtbd_id FROM jtbd_workflow_stages
) x WHERE jtbd_id = $job
