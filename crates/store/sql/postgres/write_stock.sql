-- Adds the records expected to be absent, changes those that stand at the expected version; returns the others.
WITH given AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[])
        AS g (source, sku, expected, advised, soft, as_of, body)
), changed AS (
    UPDATE stock t SET version = g.expected + 1, advised = g.advised, soft = g.soft, as_of = g.as_of, body = g.body
    FROM given g WHERE t.source = g.source AND t.sku = g.sku AND t.version = g.expected AND g.expected > 0
    RETURNING t.source, t.sku
), added AS (
    INSERT INTO stock (source, sku, version, advised, soft, as_of, body)
    SELECT source, sku, 1, advised, soft, as_of, body FROM given WHERE expected = 0
    ON CONFLICT (source, sku) DO NOTHING
    RETURNING source, sku
)
SELECT source, sku FROM given
EXCEPT ALL (SELECT source, sku FROM changed UNION ALL SELECT source, sku FROM added)
