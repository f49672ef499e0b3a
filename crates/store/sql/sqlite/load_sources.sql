SELECT version, body FROM sources WHERE id = ?1
