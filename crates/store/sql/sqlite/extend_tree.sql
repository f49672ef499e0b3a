INSERT INTO journal_tree (level, number, hash)
VALUES (?1, ?2, ?3)
ON CONFLICT (level, number) DO NOTHING
