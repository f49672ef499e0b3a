-- Removes the records that stand at the expected version; returns those that are there at another one, or missing.
WITH given AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) AS g (source, sku, expected)
), removed AS (
    DELETE FROM offers t USING given g WHERE t.source = g.source AND t.sku = g.sku AND t.version = g.expected
    RETURNING t.source, t.sku
), present AS (
    SELECT t.source, t.sku FROM offers t JOIN given g ON t.source = g.source AND t.sku = g.sku WHERE g.expected = 0
)
SELECT source, sku FROM given WHERE expected > 0
EXCEPT ALL SELECT source, sku FROM removed
UNION ALL SELECT source, sku FROM present
