-- Removes the records that stand at the expected version; returns those that are there at another one, or missing.
WITH given AS (
    SELECT * FROM unnest($1::text[], $2::bigint[]) AS g (sku, expected)
), removed AS (
    DELETE FROM items t USING given g WHERE t.sku = g.sku AND t.version = g.expected
    RETURNING t.sku
), present AS (
    SELECT t.sku FROM items t JOIN given g ON t.sku = g.sku WHERE g.expected = 0
)
SELECT sku FROM given WHERE expected > 0
EXCEPT ALL SELECT sku FROM removed
UNION ALL SELECT sku FROM present
