-- ?6: 1 if what stands there is replaced, 0 if the first one stays.
INSERT INTO exchanges (pair, message_id, at, due, body)
SELECT ?1, ?2, ?3, ?4, ?5 WHERE true
ON CONFLICT (pair, message_id) DO UPDATE
SET due = excluded.due, body = excluded.body
WHERE ?6 = 1
RETURNING message_id
