SELECT hash FROM journal WHERE position > ?1 ORDER BY position LIMIT ?2
