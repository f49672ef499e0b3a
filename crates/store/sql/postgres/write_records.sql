-- Adds the records expected to be absent, changes those that stand at the expected version; returns the others.
WITH given AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
        AS g (kind, id, expected, body)
), changed AS (
    UPDATE records t SET version = g.expected + 1, body = g.body
    FROM given g WHERE t.kind = g.kind AND t.id = g.id AND t.version = g.expected AND g.expected > 0
    RETURNING t.kind, t.id
), added AS (
    INSERT INTO records (kind, id, version, body)
    SELECT kind, id, 1, body FROM given WHERE expected = 0
    ON CONFLICT (kind, id) DO NOTHING
    RETURNING kind, id
)
SELECT kind, id FROM given
EXCEPT ALL (SELECT kind, id FROM changed UNION ALL SELECT kind, id FROM added)
