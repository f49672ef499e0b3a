-- Removes the records that stand at the expected version; returns those it removed.
DELETE FROM stock t
USING unnest($1::text[], $2::text[], $3::bigint[]) AS g (source, sku, expected)
WHERE t.source = g.source AND t.sku = g.sku AND t.version = g.expected
RETURNING t.source, t.sku
