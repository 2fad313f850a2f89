SELECT kind, text, coalesce(created_by IN (SELECT id FROM users), false)
       OR coalesce(updated_by IN (SELECT id FROM users), false), id FROM (
    SELECT 'case study' AS kind, case_study_title AS text, id, persona_id, created_by, updated_by FROM persona_case_studies
    UNION ALL SELECT 'evidence summary', NULL, id, persona_id, created_by, updated_by FROM persona_evidence_summary
    UNION ALL SELECT 'expert opinion', expert_name, id, persona_id, created_by, updated_by FROM persona_expert_opinions
    UNION ALL SELECT 'industry report', report_title, id, persona_id, created_by, updated_by FROM persona_industry_reports
    UNION ALL SELECT 'evidence source', citation, id, persona_id, NULL, NULL FROM persona_evidence_sources
    UNION ALL SELECT 'public research', research_title, id, persona_id, created_by, updated_by FROM persona_public_research
    UNION ALL SELECT 'supporting statistic', statistic_name, id, persona_id, created_by, updated_by FROM persona_supporting_statistics
) x WHERE persona_id = $persona
