-- Words are kept in lower case; ids and numbers that are not so themselves stand among them.
-- Among the newest :examined orders with that word, so that a common word costs no more than a rare one.
SELECT o.id, o.body FROM (
    SELECT id FROM orders WHERE id IN (:text, :word)
    UNION
    SELECT order_id FROM purchase_orders WHERE number IN (:text, :word)
    UNION
    SELECT order_id FROM (SELECT order_id FROM people WHERE mail = :mail ORDER BY order_id DESC LIMIT :examined) theirs
    UNION
    SELECT order_id FROM (
        SELECT order_id FROM order_words WHERE word = :word
/*cursor*/ AND (captured_at, order_id) < (:captured_at, :id)
        ORDER BY captured_at DESC, order_id DESC LIMIT :examined
    ) worded
    UNION
    SELECT order_id FROM fresh_words WHERE rowid > 0 AND word = :word
) found JOIN orders o ON o.id = found.id
WHERE TRUE
/*status*/ AND o.status = :status
/*cursor*/ AND (o.captured_at, o.id) < (:captured_at, :id)
ORDER BY o.captured_at DESC, o.id DESC LIMIT :limit
