-- Claims what waits, is due and is not leased, for as long as another node must not get it.
WITH claimed AS (
    SELECT id FROM outbox
    WHERE state = 'waiting' AND GREATEST(due, leased_until) <= $1
    ORDER BY GREATEST(due, leased_until), position, ordinal LIMIT $2
    FOR UPDATE SKIP LOCKED
)
UPDATE outbox t SET leased_until = $3 FROM claimed c WHERE t.id = c.id
RETURNING t.id
