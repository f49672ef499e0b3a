-- Adds the records expected to be absent, changes those that stand at the expected version; returns the others.
WITH given AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])
        AS g (id, expected, status, captured_at, wake_at, body)
), changed AS (
    UPDATE orders t SET version = g.expected + 1, status = g.status, wake_at = g.wake_at, body = g.body
    FROM given g WHERE t.id = g.id AND t.version = g.expected AND g.expected > 0
    RETURNING t.id
), added AS (
    INSERT INTO orders (id, version, status, captured_at, wake_at, body)
    SELECT id, 1, status, captured_at, wake_at, body FROM given WHERE expected = 0
    ON CONFLICT (id) DO NOTHING
    RETURNING id
)
SELECT id FROM given
EXCEPT ALL (SELECT id FROM changed UNION ALL SELECT id FROM added)
