SELECT j.code, x.kind, x.code, x.text, x.description, x.target, x.current, x.target - x.current, x.id FROM (
    SELECT jtbd_id, 'indicator' AS kind, kpi_code AS code, kpi_name AS text, kpi_description AS description,
           target_value AS target, current_value AS current, id FROM jtbd_kpis
    UNION ALL SELECT jtbd_id, 'success criterion', NULL, criterion_text, NULL, NULL, NULL, id FROM jtbd_success_criteria
) x JOIN jobs_to_be_done j ON j.id = x.jtbd_id WHERE $job::VARCHAR IS NULL OR j.id = $job
