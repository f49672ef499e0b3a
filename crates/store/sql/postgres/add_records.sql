-- Adds the records that are absent; returns those it added.
INSERT INTO records (kind, id, version, body)
SELECT kind, id, expected + 1, body
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
    AS g (kind, id, expected, body)
ON CONFLICT (kind, id) DO NOTHING
RETURNING kind, id
