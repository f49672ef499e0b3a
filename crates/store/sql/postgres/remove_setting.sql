-- $3: the version read, -1 for whatever it has.
DELETE FROM settings WHERE kind = $1 AND id = $2 AND ($3::bigint = -1 OR version = $3)
RETURNING id
