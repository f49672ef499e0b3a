-- Adds the records that are absent; returns those it added.
INSERT INTO items (sku, version, title, category, gtin, status, body)
SELECT sku, expected + 1, title, category, gtin, status, body
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS g (sku, expected, title, category, gtin, status, body)
ON CONFLICT (sku) DO NOTHING
RETURNING sku
