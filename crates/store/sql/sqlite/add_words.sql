INSERT INTO order_words (word, captured_at, order_id)
VALUES (?1, ?2, ?3)
ON CONFLICT (word, captured_at, order_id) DO NOTHING
