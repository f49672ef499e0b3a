INSERT INTO inbox_purchase_orders (po, inbox)
SELECT * FROM unnest($1::text[], $2::bigint[])
ON CONFLICT (po, inbox) DO NOTHING
