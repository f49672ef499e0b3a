-- $3: the version read, 0 if it was absent, -1 for whatever it has.
INSERT INTO settings (kind, id, version, body)
SELECT $1::text, $2::text, 1, $4::text
WHERE $3::bigint <= 0 OR EXISTS (SELECT 1 FROM settings WHERE kind = $1 AND id = $2)
ON CONFLICT (kind, id) DO UPDATE
SET version = settings.version + 1, body = excluded.body
WHERE $3::bigint = -1 OR settings.version = $3::bigint
RETURNING id
