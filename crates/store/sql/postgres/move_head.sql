UPDATE journal_head SET position = $1, hash = $2, orders = orders + $3 WHERE one = 1
