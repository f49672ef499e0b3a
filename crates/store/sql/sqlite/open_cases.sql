SELECT kind, opened_at FROM cases WHERE open = 1
