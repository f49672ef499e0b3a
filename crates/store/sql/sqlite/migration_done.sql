INSERT INTO migrations (name, checksum) VALUES (?1, ?2)
