-- An errand's id is its purchase order's number, alone or followed by a dot and more.
SELECT e.id, e.source, e.order_id, e.po, e.effect, e.due, e.state, e.tries, e.sent_at, e.error,
       p.name, p.media_type, p.bytes, p.reference
FROM outbox e LEFT JOIN papers p ON p.errand = e.id
WHERE e.id >= ?1 AND e.id < ?2 AND e.po = ?1
ORDER BY e.position, e.ordinal
