SELECT number, order_id, source, attempt, state, released_at, answer_due FROM purchase_orders
WHERE state = :state
/*source*/ AND source = :source
/*cursor*/ AND (released_at, number) < (:released_at, :number)
ORDER BY released_at DESC, number DESC LIMIT :limit
