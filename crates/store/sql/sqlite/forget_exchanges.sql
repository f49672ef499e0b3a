-- A few at a time, the oldest first; never one that is still waited for.
DELETE FROM exchanges WHERE (pair, message_id) IN (
    SELECT pair, message_id FROM exchanges WHERE at < ?1 AND due IS NULL ORDER BY at LIMIT ?2
)
