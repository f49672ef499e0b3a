INSERT INTO inbox_bytes (id, bytes) VALUES (?1, ?2)
