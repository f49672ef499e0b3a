SELECT i.id, i.channel, i.name, i.hash, i.received_at, i.replays, i.state, i.findings, b.bytes
FROM inbox_purchase_orders p JOIN inbox i ON i.id = p.inbox JOIN inbox_bytes b ON b.id = i.id
WHERE p.po = $1 ORDER BY p.inbox
