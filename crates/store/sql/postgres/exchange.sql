SELECT pair, message_id, at, due, body FROM exchanges WHERE pair = $1 AND message_id = $2
