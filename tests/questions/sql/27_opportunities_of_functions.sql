SELECT f.name, count(*), count(*) FILTER (s.evidence_source IS NULL), max(s.opportunity),
       count(*) FILTER (s.opportunity >= $least), f.id
FROM scored s JOIN jobs_to_be_done j ON j.id = s.jtbd_id JOIN org_functions f ON f.id = j.org_function_id
WHERE $function::VARCHAR IS NULL OR f.id = $function
GROUP BY f.name, f.id
