SELECT id, body FROM settings WHERE kind = ?1 ORDER BY id
