INSERT INTO inbox (channel, name, hash, received_at, replays, id, state)
SELECT $1, $2, $3, $4, $6::bigint, $5,
       CASE WHEN $6::bigint IS NULL
            AND EXISTS (SELECT 1 FROM inbox WHERE channel = $1 AND hash = $3 AND replays IS NULL)
            THEN 'duplicate' ELSE 'waiting' END
RETURNING state
