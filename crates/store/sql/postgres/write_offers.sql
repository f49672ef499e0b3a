-- Adds the records expected to be absent, changes those that stand at the expected version; returns the others.
WITH given AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[])
        AS g (source, sku, expected, vendor_sku, unit, pack_size, body)
), changed AS (
    UPDATE offers t SET version = g.expected + 1, vendor_sku = g.vendor_sku, unit = g.unit,
        pack_size = g.pack_size, body = g.body
    FROM given g WHERE t.source = g.source AND t.sku = g.sku AND t.version = g.expected AND g.expected > 0
    RETURNING t.source, t.sku
), added AS (
    INSERT INTO offers (source, sku, version, vendor_sku, unit, pack_size, body)
    SELECT source, sku, 1, vendor_sku, unit, pack_size, body FROM given WHERE expected = 0
    ON CONFLICT (source, sku) DO NOTHING
    RETURNING source, sku
)
SELECT source, sku FROM given
EXCEPT ALL (SELECT source, sku FROM changed UNION ALL SELECT source, sku FROM added)
