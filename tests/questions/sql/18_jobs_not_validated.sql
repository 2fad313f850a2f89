SELECT j.code, j.name, j.validation_score, j.id
FROM jobs_to_be_done j
WHERE NOT EXISTS (SELECT 1 FROM expert_consultations c WHERE c.jtbd_id = j.id)
  AND NOT EXISTS (SELECT 1 FROM panel_discussions p WHERE p.jtbd_id = j.id)
