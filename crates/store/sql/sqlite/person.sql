SELECT body FROM people WHERE order_id = ?1
