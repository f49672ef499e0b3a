-- The first rendering stands.
INSERT INTO papers (errand, source, reference, name, media_type, bytes)
SELECT e.id, e.source, $2, $3, $4, $5 FROM outbox e WHERE e.id = $1
ON CONFLICT (errand) DO NOTHING
