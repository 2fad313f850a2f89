WITH unit AS (SELECT id FROM org_departments WHERE function_id = $function
              UNION SELECT department_id FROM function_departments WHERE function_id = $function),
     doer AS (SELECT id FROM org_roles WHERE function_id = $function OR department_id IN (SELECT id FROM unit)
              UNION SELECT role_id FROM function_roles WHERE function_id = $function
              UNION SELECT role_id FROM department_roles WHERE department_id IN (SELECT id FROM unit))
SELECT coalesce(j.org_function_id = $function, false), j.code, j.name, j.job_category, j.id
FROM jobs_to_be_done j
WHERE j.org_function_id = $function
   OR j.id IN (SELECT m.jtbd_id FROM jtbd_roles m JOIN org_roles r ON r.id = m.role_id WHERE r.id IN (SELECT id FROM doer))
