-- Orders and inbox by their last number: counting them would read the history.
SELECT 'items', count(*) FROM items
UNION ALL SELECT 'sources', count(*) FROM sources
UNION ALL SELECT 'offers', count(*) FROM offers
UNION ALL SELECT 'orders', orders FROM journal_head
UNION ALL SELECT 'journal', position FROM journal_head
UNION ALL SELECT 'inbox', coalesce(max(id), 0) FROM inbox
UNION ALL SELECT 'inbox_waiting', count(*) FROM inbox WHERE state = 'waiting'
UNION ALL SELECT 'outbox_waiting', count(*) FROM outbox WHERE state = 'waiting'
UNION ALL SELECT 'cases_open', count(*) FROM cases WHERE open = 1
UNION ALL SELECT 'approvals_open', count(*) FROM approvals WHERE open = 1
