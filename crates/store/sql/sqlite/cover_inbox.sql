UPDATE inbox_bytes SET bytes = ?2 WHERE id = ?1
