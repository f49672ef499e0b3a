INSERT INTO sources (id, version, kind, name, body)
VALUES (?1, ?2 + 1, ?3, ?4, ?5)
ON CONFLICT (id) DO NOTHING
