DELETE FROM fresh_words WHERE rowid <= ?1
