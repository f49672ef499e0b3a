SELECT sku, version, body FROM items WHERE sku = ANY($1::text[])
