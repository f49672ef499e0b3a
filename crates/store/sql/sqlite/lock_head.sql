-- The write lock is the connection; this is only the read of the last link.
SELECT position, hash FROM journal ORDER BY position DESC LIMIT 1
