-- Among the newest :examined facts so labelled, so that a rare source costs no more than a common one.
SELECT f.id, f.measure, f.label, f.at, f.source, f.category, f.channel, f.order_id, f.po, f.units, f.amount FROM (
    SELECT id FROM facts WHERE measure = :measure AND label = :label AND day BETWEEN :from AND :to
/*cursor*/ AND (day, id) < (:day, :id)
    ORDER BY day DESC, id DESC LIMIT :examined
) found JOIN facts f ON f.id = found.id
WHERE TRUE
/*source*/ AND f.source = :source
/*category*/ AND f.category = :category
/*channel*/ AND f.channel = :channel
ORDER BY f.day DESC, f.id DESC LIMIT :limit
