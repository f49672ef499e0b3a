INSERT INTO purchase_orders (number, order_id, source, attempt, state, released_at, answer_due)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (number) DO UPDATE
SET source = excluded.source, attempt = excluded.attempt, state = excluded.state, released_at = excluded.released_at,
    answer_due = excluded.answer_due
