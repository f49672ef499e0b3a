-- Removes the records that stand at the expected version; returns those that are there at another one, or missing.
WITH given AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) AS g (kind, id, expected)
), removed AS (
    DELETE FROM records t USING given g WHERE t.kind = g.kind AND t.id = g.id AND t.version = g.expected
    RETURNING t.kind, t.id
), present AS (
    SELECT t.kind, t.id FROM records t JOIN given g ON t.kind = g.kind AND t.id = g.id WHERE g.expected = 0
)
SELECT kind, id FROM given WHERE expected > 0
EXCEPT ALL SELECT kind, id FROM removed
UNION ALL SELECT kind, id FROM present
