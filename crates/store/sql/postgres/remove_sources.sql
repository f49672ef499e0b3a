-- Removes the records that stand at the expected version; returns those that are there at another one, or missing.
WITH given AS (
    SELECT * FROM unnest($1::text[], $2::bigint[]) AS g (id, expected)
), removed AS (
    DELETE FROM sources t USING given g WHERE t.id = g.id AND t.version = g.expected
    RETURNING t.id
), present AS (
    SELECT t.id FROM sources t JOIN given g ON t.id = g.id WHERE g.expected = 0
)
SELECT id FROM given WHERE expected > 0
EXCEPT ALL SELECT id FROM removed
UNION ALL SELECT id FROM present
