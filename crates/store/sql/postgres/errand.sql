SELECT e.id, e.source, e.order_id, e.po, e.effect, e.due, e.state, e.tries, e.sent_at, e.error,
       p.name, p.media_type, p.bytes, p.reference
FROM outbox e LEFT JOIN papers p ON p.errand = e.id
WHERE e.id = ANY($1::text[])
ORDER BY e.due, e.position, e.ordinal
