-- Adds the records expected to be absent, changes those that stand at the expected version; returns the others.
WITH given AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
        AS g (sku, expected, title, category, gtin, status, body)
), changed AS (
    UPDATE items t SET version = g.expected + 1, title = g.title, category = g.category, gtin = g.gtin,
        status = g.status, body = g.body
    FROM given g WHERE t.sku = g.sku AND t.version = g.expected AND g.expected > 0
    RETURNING t.sku
), added AS (
    INSERT INTO items (sku, version, title, category, gtin, status, body)
    SELECT sku, 1, title, category, gtin, status, body FROM given WHERE expected = 0
    ON CONFLICT (sku) DO NOTHING
    RETURNING sku
)
SELECT sku FROM given
EXCEPT ALL (SELECT sku FROM changed UNION ALL SELECT sku FROM added)
