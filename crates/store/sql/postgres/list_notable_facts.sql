SELECT id, measure, label, at, source, category, channel, order_id, po, units, amount FROM facts
WHERE notable = 1 AND source = :source AND measure = :measure AND label = :label AND day BETWEEN :from AND :to
/*cursor*/ AND (day, id) < (:day, :id)
/*category*/ AND category = :category
/*channel*/ AND channel = :channel
ORDER BY day DESC, id DESC LIMIT :limit
