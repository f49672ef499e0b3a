INSERT INTO pieces (whole, place, bytes)
SELECT $1::text, $2::bigint, $3::bytea WHERE true
ON CONFLICT (whole, place) DO UPDATE
SET bytes = excluded.bytes
