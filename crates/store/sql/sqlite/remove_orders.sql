DELETE FROM orders WHERE id = ?1 AND version = ?2
