SELECT p.name, p.id IN (SELECT persona_id FROM persona_evidence_summary) AS a,
       p.id IN (SELECT persona_id FROM persona_evidence_sources) AS b,
       p.id IN (SELECT persona_id FROM persona_public_research) AS c,
       p.id IN (SELECT persona_id FROM persona_expert_opinions) AS d,
       p.id IN (SELECT persona_id FROM persona_case_studies) AS e, p.id
FROM personas p WHERE NOT (a AND b AND c AND d AND e)
