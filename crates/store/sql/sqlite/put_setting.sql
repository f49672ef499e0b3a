-- ?3: the version read, 0 if it was absent, -1 for whatever it has.
INSERT INTO settings (kind, id, version, body)
SELECT ?1, ?2, 1, ?4
WHERE ?3 <= 0 OR EXISTS (SELECT 1 FROM settings WHERE kind = ?1 AND id = ?2)
ON CONFLICT (kind, id) DO UPDATE
SET version = settings.version + 1, body = excluded.body
WHERE ?3 = -1 OR settings.version = ?3
