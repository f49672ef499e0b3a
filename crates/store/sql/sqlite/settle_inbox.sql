UPDATE inbox SET state = ?2, findings = coalesce(?3, findings) WHERE id = ?1
