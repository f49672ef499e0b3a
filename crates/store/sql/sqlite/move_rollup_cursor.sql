INSERT INTO rollup_cursor (one, last)
VALUES (1, ?1)
ON CONFLICT (one) DO UPDATE
SET last = excluded.last
