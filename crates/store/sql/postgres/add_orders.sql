-- Adds the records that are absent; returns those it added.
INSERT INTO orders (id, version, status, captured_at, wake_at, body)
SELECT id, expected + 1, status, captured_at, wake_at, body
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])
    AS g (id, expected, status, captured_at, wake_at, body)
ON CONFLICT (id) DO NOTHING
RETURNING id
