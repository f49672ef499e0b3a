-- Ends a try. Without a new due time the old one stays, for people.
UPDATE outbox SET state = ?2, due = coalesce(?3, due), sent_at = ?4, error = ?5, tries = tries + 1
WHERE id = ?1
