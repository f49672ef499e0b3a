DELETE FROM pieces WHERE whole = ?1
