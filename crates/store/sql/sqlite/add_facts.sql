INSERT INTO facts (id, measure, label, day, at, source, category, channel, order_id, po, units, amount, notable)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
