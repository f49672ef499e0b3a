-- Adds the record if none was expected, changes it if it stands at the expected version; otherwise touches nothing.
INSERT INTO sources (id, version, kind, name, body)
SELECT ?1, ?2 + 1, ?3, ?4, ?5
WHERE ?2 = 0 OR EXISTS (SELECT 1 FROM sources WHERE id = ?1)
ON CONFLICT (id) DO UPDATE
SET version = excluded.version, kind = excluded.kind, name = excluded.name, body = excluded.body
WHERE sources.version = ?2
