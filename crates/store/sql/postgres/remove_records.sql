-- Removes the records that stand at the expected version; returns those it removed.
DELETE FROM records t
USING unnest($1::text[], $2::text[], $3::bigint[]) AS g (kind, id, expected)
WHERE t.kind = g.kind AND t.id = g.id AND t.version = g.expected
RETURNING t.kind, t.id
