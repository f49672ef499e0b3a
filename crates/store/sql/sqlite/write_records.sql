-- Adds the record if none was expected, changes it if it stands at the expected version; otherwise touches nothing.
INSERT INTO records (kind, id, version, body)
SELECT ?1, ?2, ?3 + 1, ?4
WHERE ?3 = 0 OR EXISTS (SELECT 1 FROM records WHERE kind = ?1 AND id = ?2)
ON CONFLICT (kind, id) DO UPDATE
SET version = excluded.version, body = excluded.body
WHERE records.version = ?3
