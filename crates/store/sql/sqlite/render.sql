-- The first rendering stands, until the source is written to in another form.
INSERT INTO papers (errand, source, reference, name, media_type, bytes)
SELECT e.id, e.source, ?2, ?3, ?4, ?5 FROM outbox e WHERE e.id = ?1
ON CONFLICT (errand) DO UPDATE
SET reference = excluded.reference, name = excluded.name, media_type = excluded.media_type, bytes = excluded.bytes
WHERE papers.media_type <> excluded.media_type
