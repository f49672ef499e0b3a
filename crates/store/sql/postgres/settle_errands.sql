-- Ends a try. Without a new due time the old one stays, for people.
UPDATE outbox t
SET state = g.state, due = coalesce(g.due, t.due), sent_at = g.sent_at, error = g.error, tries = t.tries + 1,
    leased_until = 0
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[]) AS g (id, state, due, sent_at, error)
WHERE t.id = g.id
RETURNING t.id
