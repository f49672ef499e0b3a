-- Forgets some of the answers older than a day, so that the table keeps the size of one day.
DELETE FROM answers WHERE key IN (SELECT key FROM answers WHERE at < $1 ORDER BY at LIMIT $2)
