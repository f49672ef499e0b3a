-- Adds the records that are absent; returns those it added.
INSERT INTO stock (source, sku, version, advised, soft, as_of, body)
SELECT source, sku, expected + 1, advised, soft, as_of, body
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[])
    AS g (source, sku, expected, advised, soft, as_of, body)
ON CONFLICT (source, sku) DO NOTHING
RETURNING source, sku
