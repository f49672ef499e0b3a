-- Changes the records that stand at the expected version; returns those it changed.
UPDATE records t SET version = t.version + 1, body = g.body
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
    AS g (kind, id, expected, body)
WHERE t.kind = g.kind AND t.id = g.id AND t.version = g.expected
RETURNING t.kind, t.id
