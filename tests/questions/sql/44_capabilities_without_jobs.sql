SELECT c.name, d.name, c.maturity_level, c.id
FROM capabilities c LEFT JOIN domains d ON d.id = c.domain_id
WHERE NOT EXISTS (SELECT 1 FROM capability_jtbd_mapping m JOIN jobs_to_be_done j ON j.id = m.jtbd_id
                  WHERE m.capability_id = c.id)
