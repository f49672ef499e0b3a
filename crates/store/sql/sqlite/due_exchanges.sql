SELECT pair, message_id, at, due, body FROM exchanges WHERE due <= ?1 ORDER BY due LIMIT ?2
