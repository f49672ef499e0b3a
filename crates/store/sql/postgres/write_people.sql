INSERT INTO people (order_id, body)
SELECT * FROM unnest($1::text[], $2::text[])
ON CONFLICT (order_id) DO UPDATE
SET body = excluded.body
