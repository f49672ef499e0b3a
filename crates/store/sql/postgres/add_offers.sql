-- Adds the records that are absent; returns those it added.
INSERT INTO offers (source, sku, version, vendor_sku, unit, pack_size, body)
SELECT source, sku, expected + 1, vendor_sku, unit, pack_size, body
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[])
    AS g (source, sku, expected, vendor_sku, unit, pack_size, body)
ON CONFLICT (source, sku) DO NOTHING
RETURNING source, sku
