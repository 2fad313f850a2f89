SELECT s.code, s.name, d.name, s.id FROM strategic_priorities s LEFT JOIN domains d ON d.id = s.domain_id
WHERE s.id NOT IN (SELECT strategic_priority_id FROM jobs_to_be_done WHERE strategic_priority_id IS NOT NULL)
