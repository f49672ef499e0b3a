SELECT i.id, i.channel, i.name, i.hash, i.received_at, i.replays, i.state, i.findings, b.bytes
FROM inbox i JOIN inbox_bytes b ON b.id = i.id
WHERE i.state = ?1 AND i.id > ?2 ORDER BY i.id LIMIT ?3
