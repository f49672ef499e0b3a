-- Adds the record if none was expected, changes it if it stands at the expected version; otherwise touches nothing.
INSERT INTO orders (id, version, status, captured_at, wake_at, body)
SELECT ?1, ?2 + 1, ?3, ?4, ?5, ?6
WHERE ?2 = 0 OR EXISTS (SELECT 1 FROM orders WHERE id = ?1)
ON CONFLICT (id) DO UPDATE
SET version = excluded.version, status = excluded.status, wake_at = excluded.wake_at, body = excluded.body
WHERE orders.version = ?2
