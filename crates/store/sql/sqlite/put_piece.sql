INSERT INTO pieces (whole, place, bytes)
SELECT ?1, ?2, ?3 WHERE true
ON CONFLICT (whole, place) DO UPDATE
SET bytes = excluded.bytes
