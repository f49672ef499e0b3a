SELECT version, body FROM records WHERE kind = ?1 AND id = ?2
