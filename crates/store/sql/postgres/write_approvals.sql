INSERT INTO approvals (id, order_id, kind, open, asked_at, due, body)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[])
ON CONFLICT (id) DO UPDATE
SET kind = excluded.kind, open = excluded.open, asked_at = excluded.asked_at, due = excluded.due, body = excluded.body
