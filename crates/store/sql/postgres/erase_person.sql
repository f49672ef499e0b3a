DELETE FROM people WHERE order_id = $1
RETURNING order_id
