INSERT INTO purchase_orders (number, order_id, source, attempt, state, released_at, answer_due)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[])
ON CONFLICT (number) DO UPDATE
SET source = excluded.source, attempt = excluded.attempt, state = excluded.state, released_at = excluded.released_at,
    answer_due = excluded.answer_due
