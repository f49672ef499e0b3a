INSERT INTO orders (id, version, status, captured_at, wake_at, body)
VALUES (?1, ?2 + 1, ?3, ?4, ?5, ?6)
ON CONFLICT (id) DO NOTHING
