-- What waits, earliest first; the caller leaves out what is leased.
SELECT id, due FROM outbox WHERE state = 'waiting' ORDER BY due, position, ordinal LIMIT ?1
