-- Among the newest :examined facts so labelled, so that a rare source costs no more than a common one, and those that
-- are not yet in order.
SELECT f.id, f.measure, f.label, f.at, f.source, f.category, f.channel, f.order_id, f.po, f.units, f.amount FROM (
    SELECT fact FROM (
        SELECT fact FROM fact_labels WHERE measure = :measure AND label = :label AND day BETWEEN :from AND :to
/*cursor*/ AND (day, fact) < (:day, :id)
        ORDER BY day DESC, fact DESC LIMIT :examined
    ) labelled
    UNION ALL
    SELECT id FROM facts WHERE id > coalesce((SELECT last FROM rollup_cursor WHERE one = 1), 0)
    AND +measure = :measure AND label = :label AND day BETWEEN :from AND :to
/*cursor*/ AND (day, id) < (:day, :id)
) found JOIN facts f ON f.id = found.fact
WHERE TRUE
/*source*/ AND f.source = :source
/*category*/ AND f.category = :category
/*channel*/ AND f.channel = :channel
ORDER BY f.day DESC, f.id DESC LIMIT :limit
