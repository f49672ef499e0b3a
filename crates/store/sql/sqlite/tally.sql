-- What is summed up (days, blocks of days, days), and the facts that are not yet: the plus keeps these from being looked
-- for by their measure.
SELECT CASE CAST(:by AS TEXT)
        WHEN 'source' THEN source
        WHEN 'category' THEN category
        WHEN 'channel' THEN channel
        WHEN 'day' THEN CAST(day AS TEXT)
        ELSE ''
    END, label, CAST(sum(times) AS BIGINT), CAST(sum(units) AS BIGINT), CAST(sum(amount) AS BIGINT)
FROM (
    SELECT day, source, category, channel, label, times, units, amount FROM (
        SELECT 0 AS blocks, :from AS first, :head AS last
        UNION ALL SELECT 8, :begin, :end UNION ALL SELECT 0, :tail, :to
    ) spans CROSS JOIN rollups
    WHERE measure = :measure AND level = :level + spans.blocks AND day BETWEEN spans.first AND spans.last
/*source*/ AND source = :source AND source <> ''
/*category*/ AND category = :category AND category <> ''
/*channel*/ AND channel = :channel
    UNION ALL
    SELECT day, source, category, channel, label, 1, units, amount FROM facts
    WHERE id > coalesce((SELECT last FROM rollup_cursor WHERE one = 1), 0)
    AND +measure = :measure AND day BETWEEN :from AND :to
/*source*/ AND source = :source
/*category*/ AND category = :category
/*channel*/ AND channel = :channel
) found
GROUP BY 1, 2 ORDER BY 1, 2
