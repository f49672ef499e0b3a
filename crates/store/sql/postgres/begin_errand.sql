-- Notes that a try has begun; neither the try nor its claim ends.
UPDATE outbox SET error = $2 WHERE id = $1 AND state = 'waiting'
RETURNING id
