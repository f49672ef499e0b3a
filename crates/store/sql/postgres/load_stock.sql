SELECT t.source, t.sku, t.version, t.body
FROM unnest($1::text[], $2::text[]) AS g (source, sku) JOIN stock t ON t.source = g.source AND t.sku = g.sku
