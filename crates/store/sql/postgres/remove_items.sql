-- Removes the records that stand at the expected version; returns those it removed.
DELETE FROM items t
USING unnest($1::text[], $2::bigint[]) AS g (sku, expected)
WHERE t.sku = g.sku AND t.version = g.expected
RETURNING t.sku
