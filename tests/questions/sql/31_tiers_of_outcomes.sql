SELECT CASE WHEN $scheme = 'requirements' THEN priority
            WHEN opportunity >= 15 THEN 'extreme' WHEN opportunity >= 12 THEN 'high'
            WHEN opportunity >= 10 THEN 'moderate' ELSE 'low' END AS tier,
       count(*), count(*) FILTER (evidence_source IS NULL), min(opportunity), max(opportunity)
FROM scored GROUP BY tier
