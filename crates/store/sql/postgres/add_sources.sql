-- Adds the records that are absent; returns those it added.
INSERT INTO sources (id, version, kind, name, body)
SELECT id, expected + 1, kind, name, body
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[])
    AS g (id, expected, kind, name, body)
ON CONFLICT (id) DO NOTHING
RETURNING id
