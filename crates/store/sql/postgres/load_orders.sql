SELECT id, version, body FROM orders WHERE id = ANY($1::text[])
