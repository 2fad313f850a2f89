SELECT kind, name, id FROM (
    SELECT persona_id, 'customers' AS kind, industry_vertical AS name, id FROM persona_customer_relationships
    UNION ALL SELECT persona_id, 'external stakeholder', stakeholder_name, id FROM persona_external_stakeholders
    UNION ALL SELECT persona_id, 'industry', organization_name, id FROM persona_industry_relationships
    UNION ALL SELECT persona_id, 'internal network', network_name, id FROM persona_internal_networks
    UNION ALL SELECT persona_id, 'internal stakeholder', stakeholder_role, id FROM persona_internal_stakeholders
    UNION ALL SELECT persona_id, 'regulator', regulatory_body, id FROM persona_regulatory_stakeholders
    UNION ALL SELECT persona_id, 'influence', stakeholder_name, id FROM persona_stakeholder_influence_map
    UNION ALL SELECT persona_id, 'journey', stakeholder_name, id FROM persona_stakeholder_journey
    UNION ALL SELECT persona_id, 'value exchange', stakeholder_name, id FROM persona_stakeholder_value_exchange
    UNION ALL SELECT persona_id, 'vendor', vendor_name, id FROM persona_vendor_relationships
) x WHERE persona_id = $persona
