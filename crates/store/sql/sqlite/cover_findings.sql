UPDATE inbox SET findings = ?2 WHERE id = ?1
