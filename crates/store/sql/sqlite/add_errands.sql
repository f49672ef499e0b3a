-- An errand's id is stable: given twice, it is run once.
INSERT INTO outbox (id, source, order_id, po, effect, due, position, ordinal, state, tries)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'waiting', 0)
ON CONFLICT (id) DO NOTHING
