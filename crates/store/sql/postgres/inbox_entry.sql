SELECT i.id, i.channel, i.name, i.hash, i.received_at, i.replays, i.state, i.findings, b.bytes
FROM inbox i JOIN inbox_bytes b ON b.id = i.id
WHERE i.id = $1
