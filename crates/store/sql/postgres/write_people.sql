INSERT INTO people (order_id, body, mail)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT (order_id) DO UPDATE
SET body = excluded.body, mail = excluded.mail
