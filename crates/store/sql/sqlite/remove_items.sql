DELETE FROM items WHERE sku = ?1 AND version = ?2
