DELETE FROM records WHERE kind = ?1 AND id = ?2 AND version = ?3
