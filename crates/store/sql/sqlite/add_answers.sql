-- The first answer stands.
INSERT INTO answers (key, fingerprint, status, body, at)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (key) DO NOTHING
