SELECT j.code, j.name, j.description, j.functional_area, j.job_category, j.complexity, j.frequency, j.validation_score,
       d.name, s.name, i.name, f.name, t.name
FROM jobs_to_be_done j JOIN tenants t ON t.id = j.tenant_id LEFT JOIN domains d ON d.id = j.domain_id
LEFT JOIN strategic_priorities s ON s.id = j.strategic_priority_id LEFT JOIN industries i ON i.id = j.industry_id
LEFT JOIN org_functions f ON f.id = j.org_function_id
WHERE j.id = $job
