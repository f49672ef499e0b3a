UPDATE inbox t SET state = g.state, findings = coalesce(g.findings, t.findings)
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS g (id, state, findings)
WHERE t.id = g.id
RETURNING t.id
