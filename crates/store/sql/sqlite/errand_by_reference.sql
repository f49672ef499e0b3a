SELECT e.id, e.source, e.order_id, e.po, e.effect, e.due, e.state, e.tries, e.sent_at, e.error,
       p.name, p.media_type, p.bytes, p.reference
FROM papers p JOIN outbox e ON e.id = p.errand
WHERE p.source = ?1 AND p.reference = ?2 AND p.reference <> ''
ORDER BY e.position DESC, e.ordinal DESC LIMIT 1
