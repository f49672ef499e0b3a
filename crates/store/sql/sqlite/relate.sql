INSERT INTO inbox_purchase_orders (po, inbox)
VALUES (?1, ?2)
ON CONFLICT (po, inbox) DO NOTHING
