-- What is summed up (days, blocks of days, days), and the facts that are not yet: these are read by their ids, and by
-- nothing else.
SELECT CASE CAST(:by AS TEXT)
        WHEN 'source' THEN source
        WHEN 'category' THEN category
        WHEN 'channel' THEN channel
        WHEN 'day' THEN CAST(day AS TEXT)
        ELSE ''
    END, label, CAST(sum(times) AS BIGINT), CAST(sum(units) AS BIGINT), CAST(sum(amount) AS BIGINT)
FROM (
    SELECT day, source, category, channel, label, times, units, amount FROM (
        SELECT CAST(0 AS BIGINT) AS blocks, CAST(:from AS BIGINT) AS first, CAST(:head AS BIGINT) AS last
        UNION ALL SELECT 8, :begin, :end UNION ALL SELECT 0, :tail, :to
    ) spans CROSS JOIN LATERAL (
        SELECT * FROM rollups
        WHERE measure = :measure AND level = :level + spans.blocks AND day BETWEEN spans.first AND spans.last
/*source*/ AND source = :source AND source <> ''
/*category*/ AND category = :category AND category <> ''
/*channel*/ AND channel = :channel
        OFFSET 0
    ) summed
    UNION ALL
    SELECT day, source, category, channel, label, 1, units, amount
    FROM (SELECT coalesce((SELECT last FROM rollup_cursor WHERE one = 1), 0) AS last) summed
    CROSS JOIN LATERAL (SELECT * FROM facts WHERE id > summed.last ORDER BY id OFFSET 0) fresh
    WHERE measure = :measure AND day BETWEEN :from AND :to
/*source*/ AND source = :source
/*category*/ AND category = :category
/*channel*/ AND channel = :channel
) found
GROUP BY 1, 2 ORDER BY 1, 2
