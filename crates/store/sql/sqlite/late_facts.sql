INSERT INTO fact_labels (measure, label, day, fact)
SELECT measure, label, day, id FROM facts WHERE id > ?1 AND id <= ?2 ORDER BY measure, label, day, id
