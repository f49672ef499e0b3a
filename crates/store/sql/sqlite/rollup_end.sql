SELECT max(id), count(*) FROM (SELECT id FROM facts WHERE id > ?1 ORDER BY id LIMIT ?2) found
