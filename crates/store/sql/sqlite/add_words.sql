INSERT INTO fresh_words (word, captured_at, order_id) VALUES (?1, ?2, ?3)
