SELECT number + 1 FROM journal_tree WHERE level = $1 ORDER BY number DESC LIMIT 1
