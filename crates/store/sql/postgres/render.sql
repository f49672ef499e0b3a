-- The first rendering stands, until the source is written to in another form. All or none: an errand that does not exist leaves a NULL where none may be.
INSERT INTO papers (errand, source, reference, name, media_type, bytes)
SELECT g.id, e.source, g.reference, g.name, g.media_type, g.bytes
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[]) AS g (id, reference, name, media_type, bytes)
LEFT JOIN outbox e ON e.id = g.id
ON CONFLICT (errand) DO UPDATE
SET reference = excluded.reference, name = excluded.name, media_type = excluded.media_type, bytes = excluded.bytes
WHERE papers.media_type <> excluded.media_type
