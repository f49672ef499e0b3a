-- Changes the records that stand at the expected version; returns those it changed.
UPDATE orders t SET version = t.version + 1, status = g.status, wake_at = g.wake_at, body = g.body
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])
    AS g (id, expected, status, captured_at, wake_at, body)
WHERE t.id = g.id AND t.version = g.expected
RETURNING t.id
