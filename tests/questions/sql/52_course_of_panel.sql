SELECT p.discussion_topic, kind, index, a.name, text, round, b.name, x.id FROM (
    SELECT panel_id, '1 member' AS kind, join_order AS index, agent_id, panel_role AS text, NULL AS round, NULL AS answered, id
    FROM panel_members
    UNION ALL SELECT m.panel_id, '2 message', m.message_index, m.agent_id, m.content, m.round_id, r.member_id, m.id
    FROM panel_messages m LEFT JOIN panel_messages r ON r.id = m.in_reply_to_id
    UNION ALL SELECT v.panel_id, '3 vote', v.round_number, m.agent_id, v.vote_topic, NULL, r.member_id, v.id
    FROM panel_votes v LEFT JOIN panel_members m ON m.id = v.member_id LEFT JOIN panel_messages r ON r.id = v.message_id
    UNION ALL SELECT panel_id, '4 consensus', supporting_members, NULL, consensus_statement, round_id, NULL, id FROM panel_consensus
) x JOIN panel_discussions p ON p.id = x.panel_id LEFT JOIN agents a ON a.id = x.agent_id
LEFT JOIN panel_members n ON n.id = x.answered LEFT JOIN agents b ON b.id = n.agent_id
WHERE $panel::VARCHAR IS NULL OR p.id = $panel
