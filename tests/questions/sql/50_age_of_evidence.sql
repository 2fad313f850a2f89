WITH entry AS (
    SELECT persona_id, 1 AS kind, NULL AS day FROM persona_case_studies
    UNION ALL SELECT persona_id, 2, opinion_date FROM persona_expert_opinions
    UNION ALL SELECT persona_id, 3, NULL FROM persona_industry_reports
    UNION ALL SELECT persona_id, 4, publication_date FROM persona_evidence_sources
    UNION ALL SELECT persona_id, 5, publication_date FROM persona_public_research
    UNION ALL SELECT persona_id, 6, collection_date FROM persona_supporting_statistics
)
SELECT p.name, p.validation_status, count(DISTINCT e.kind), count(e.kind), max(e.day), s.evidence_quality_score, p.id
FROM personas p LEFT JOIN entry e ON e.persona_id = p.id LEFT JOIN persona_evidence_summary s ON s.persona_id = p.id
GROUP BY p.name, p.validation_status, s.evidence_quality_score, p.id
