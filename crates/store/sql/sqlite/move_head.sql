-- The last journal entry is the head; nothing is to be moved.
SELECT 1
