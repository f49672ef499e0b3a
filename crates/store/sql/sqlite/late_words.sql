INSERT INTO order_words (word, captured_at, order_id)
SELECT word, captured_at, order_id FROM fresh_words WHERE rowid <= ?1 ORDER BY word, captured_at, order_id
ON CONFLICT (word, captured_at, order_id) DO NOTHING
