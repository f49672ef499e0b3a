-- Removes the records that stand at the expected version; returns those it removed.
DELETE FROM orders t
USING unnest($1::text[], $2::bigint[]) AS g (id, expected)
WHERE t.id = g.id AND t.version = g.expected
RETURNING t.id
