SELECT id, version, body FROM sources WHERE id = ANY($1::text[])
