DELETE FROM offers WHERE source = ?1 AND sku = ?2 AND version = ?3
