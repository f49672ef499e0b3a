SELECT position, hash FROM journal_head WHERE one = 1 FOR UPDATE
