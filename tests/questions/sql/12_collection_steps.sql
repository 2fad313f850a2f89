WITH steps AS (
    SELECT 1 AS step, 'define the scope' AS name, 'roles in a function and a department' AS counted,
           EXISTS (SELECT 1 FROM org_functions f WHERE f.id = r.function_id)
           AND EXISTS (SELECT 1 FROM org_departments d WHERE d.id = r.department_id) AS done FROM org_roles r
    UNION ALL SELECT 2, 'identify personas', 'roles that a persona plays',
           EXISTS (SELECT 1 FROM personas p WHERE p.role_id = r.id) FROM org_roles r
    UNION ALL SELECT 3, 'gather evidence', 'personas with evidence', p.id IN (
        SELECT persona_id FROM persona_case_studies UNION SELECT persona_id FROM persona_evidence_summary
        UNION SELECT persona_id FROM persona_expert_opinions UNION SELECT persona_id FROM persona_evidence_sources
        UNION SELECT persona_id FROM persona_public_research) FROM personas p
    UNION ALL SELECT 4, 'document jobs', 'roles with jobs', EXISTS (
        SELECT 1 FROM jtbd_roles m JOIN jobs_to_be_done j ON j.id = m.jtbd_id WHERE m.role_id = r.id) FROM org_roles r
    UNION ALL SELECT 5, 'enrich jobs', 'jobs with outcomes, obstacles, indicators and workflow stages',
           j.id IN (SELECT jtbd_id FROM jtbd_outcomes) AND j.id IN (SELECT jtbd_id FROM jtbd_obstacles)
           AND j.id IN (SELECT jtbd_id FROM jtbd_kpis) AND j.id IN (SELECT jtbd_id FROM jtbd_workflow_stages)
           FROM jobs_to_be_done j
    UNION ALL SELECT 6, 'identify AI opportunities', 'jobs with a GenAI opportunity that has a use case', EXISTS (
        SELECT 1 FROM jtbd_gen_ai_opportunities o JOIN jtbd_gen_ai_use_cases u ON u.gen_ai_opportunity_id = o.id
        WHERE o.jtbd_id = j.id) FROM jobs_to_be_done j
    UNION ALL SELECT 7, 'validate', 'jobs that a consultation or panel concerns',
           coalesce(j.id IN (SELECT jtbd_id FROM expert_consultations WHERE jtbd_id IS NOT NULL), false)
           OR j.id IN (SELECT jtbd_id FROM panel_discussions WHERE jtbd_id IS NOT NULL) FROM jobs_to_be_done j
)
SELECT step, name, counted, count(*), count(*) FILTER (done), count(*) FILTER (NOT done)
FROM steps GROUP BY ALL
