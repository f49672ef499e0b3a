-- Searches mind no letter case: words are kept in lower case, and with them the ids and numbers that are not so themselves.
INSERT INTO order_words (word, captured_at, order_id)
SELECT lower(word), captured_at, order_id FROM order_words WHERE word <> lower(word)
UNION SELECT lower(id), captured_at, id FROM orders WHERE id <> lower(id)
UNION SELECT lower(p.number), o.captured_at, o.id FROM purchase_orders p JOIN orders o ON o.id = p.order_id
      WHERE p.number <> lower(p.number)
ON CONFLICT (word, captured_at, order_id) DO NOTHING;
DELETE FROM order_words WHERE word <> lower(word);
