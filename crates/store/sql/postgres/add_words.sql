INSERT INTO order_words (word, captured_at, order_id)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[])
ON CONFLICT (word, captured_at, order_id) DO NOTHING
