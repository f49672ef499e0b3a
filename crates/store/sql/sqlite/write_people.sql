INSERT INTO people (order_id, body)
VALUES (?1, ?2)
ON CONFLICT (order_id) DO UPDATE
SET body = excluded.body
