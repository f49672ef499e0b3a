SELECT position, subject, at, body, hash FROM journal
WHERE subject = ?1 AND position > ?2 ORDER BY position LIMIT ?3
