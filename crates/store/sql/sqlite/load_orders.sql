SELECT version, body FROM orders WHERE id = ?1
