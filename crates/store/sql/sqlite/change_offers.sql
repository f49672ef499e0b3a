UPDATE offers SET version = version + 1, vendor_sku = ?4, unit = ?5, pack_size = ?6, body = ?7
WHERE source = ?1 AND sku = ?2 AND version = ?3
