-- What waits and is due, leased or not; the leases are kept in memory by the one process that has the file.
SELECT id FROM outbox WHERE state = 'waiting' AND due <= ?1 ORDER BY due, position, ordinal LIMIT ?2
