-- Changes the records that stand at the expected version; returns those it changed.
UPDATE sources t SET version = t.version + 1, kind = g.kind, name = g.name, body = g.body
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[])
    AS g (id, expected, kind, name, body)
WHERE t.id = g.id AND t.version = g.expected
RETURNING t.id
