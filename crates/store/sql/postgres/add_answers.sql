-- The first answer stands.
INSERT INTO answers (key, fingerprint, status, body, at)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[])
ON CONFLICT (key) DO NOTHING
RETURNING key
