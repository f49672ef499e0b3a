SELECT hash FROM journal_tree WHERE level = ?1 AND number >= ?2 ORDER BY number LIMIT ?3
