SELECT max(number), count(*) FROM (SELECT rowid AS number FROM fresh_words WHERE rowid > 0 ORDER BY rowid LIMIT ?1) found
