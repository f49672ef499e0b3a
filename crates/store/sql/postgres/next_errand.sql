SELECT GREATEST(due, leased_until) FROM outbox WHERE state = 'waiting'
ORDER BY GREATEST(due, leased_until) LIMIT 1
