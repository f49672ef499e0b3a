SELECT version, body FROM settings WHERE kind = $1 AND id = $2
