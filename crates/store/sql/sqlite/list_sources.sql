SELECT version, body FROM sources WHERE id > ?1 ORDER BY id LIMIT ?2
