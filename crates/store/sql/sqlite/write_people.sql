INSERT INTO people (order_id, body, mail)
VALUES (?1, ?2, ?3)
ON CONFLICT (order_id) DO UPDATE
SET body = excluded.body, mail = excluded.mail
