SELECT p.name, kind, source, figure, value, e.id FROM (
    SELECT c.persona_id, 'investment' AS kind, case_study_title AS source, i.category AS figure, i.amount AS value, i.id
    FROM persona_case_studies c JOIN persona_case_study_investments i ON i.case_study_id = c.id
    UNION ALL SELECT c.persona_id, 'improvement in percent', case_study_title, m.metric_name, m.improvement_percentage, m.id
    FROM persona_case_studies c JOIN persona_case_study_metrics m ON m.case_study_id = c.id
    UNION ALL SELECT c.persona_id, 'result', case_study_title, r.metric_name, r.numeric_value, r.id
    FROM persona_case_studies c JOIN persona_case_study_results r ON r.case_study_id = c.id
    UNION ALL SELECT r.persona_id, 'research result', research_title, q.metric_name, q.numeric_value, q.id
    FROM persona_public_research r JOIN persona_research_quantitative_results q ON q.research_id = r.id
    UNION ALL SELECT s.persona_id, 'observation', statistic_name, NULL, h.value, h.id
    FROM persona_supporting_statistics s JOIN persona_statistic_history h ON h.statistic_id = s.id
) e JOIN personas p ON p.id = e.persona_id
WHERE $persona::VARCHAR IS NULL OR p.id = $persona
