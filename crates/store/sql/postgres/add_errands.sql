-- An errand's id is stable: given twice, it is run once.
INSERT INTO outbox (id, source, order_id, po, effect, due, position, ordinal, state, tries)
SELECT *, 'waiting', 0
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[])
ON CONFLICT (id) DO NOTHING
