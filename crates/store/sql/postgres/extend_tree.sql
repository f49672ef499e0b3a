INSERT INTO journal_tree (level, number, hash)
SELECT $1::bigint, * FROM unnest($2::bigint[], $3::bytea[])
ON CONFLICT (level, number) DO NOTHING
