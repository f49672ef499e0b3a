INSERT INTO approvals (id, order_id, kind, open, asked_at, due, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (id) DO UPDATE
SET kind = excluded.kind, open = excluded.open, asked_at = excluded.asked_at, due = excluded.due, body = excluded.body
