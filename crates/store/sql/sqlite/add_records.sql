INSERT INTO records (kind, id, version, body)
VALUES (?1, ?2, ?3 + 1, ?4)
ON CONFLICT (kind, id) DO NOTHING
