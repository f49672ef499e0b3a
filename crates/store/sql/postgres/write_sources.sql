-- Adds the records expected to be absent, changes those that stand at the expected version; returns the others.
WITH given AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[])
        AS g (id, expected, kind, name, body)
), changed AS (
    UPDATE sources t SET version = g.expected + 1, kind = g.kind, name = g.name, body = g.body
    FROM given g WHERE t.id = g.id AND t.version = g.expected AND g.expected > 0
    RETURNING t.id
), added AS (
    INSERT INTO sources (id, version, kind, name, body)
    SELECT id, 1, kind, name, body FROM given WHERE expected = 0
    ON CONFLICT (id) DO NOTHING
    RETURNING id
)
SELECT id FROM given
EXCEPT ALL (SELECT id FROM changed UNION ALL SELECT id FROM added)
