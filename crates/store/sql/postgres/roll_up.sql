-- Facts alike are counted first; each of their sums counts at each of the eight levels, by its day and by its block of
-- sixteen days (level & 8).
INSERT INTO rollups (measure, level, day, source, category, channel, label, times, units, amount)
SELECT measure, level, day, source, category, channel, label,
    CAST(sum(times) AS BIGINT), CAST(sum(units) AS BIGINT), CAST(sum(amount) AS BIGINT)
FROM (
    SELECT alike.measure, levels.level, alike.label, alike.times, alike.units, alike.amount,
        CASE WHEN levels.level & 8 = 0 THEN alike.day ELSE alike.day - alike.day % 16 END AS day,
        CASE WHEN levels.level & 1 = 0 THEN '' ELSE alike.source END AS source,
        CASE WHEN levels.level & 2 = 0 THEN '' ELSE alike.category END AS category,
        CASE WHEN levels.level & 4 = 0 THEN '' ELSE alike.channel END AS channel
    FROM (
        SELECT measure, day, source, category, channel, label,
            count(*) AS times, CAST(sum(units) AS BIGINT) AS units, CAST(sum(amount) AS BIGINT) AS amount
        FROM facts WHERE id > $1 AND id <= $2
        GROUP BY measure, day, source, category, channel, label
    ) alike CROSS JOIN (
        SELECT 0 AS level UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
        UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9 UNION ALL SELECT 10
        UNION ALL SELECT 11 UNION ALL SELECT 12 UNION ALL SELECT 13 UNION ALL SELECT 14 UNION ALL SELECT 15
    ) levels
) found
WHERE TRUE
GROUP BY measure, level, day, source, category, channel, label
ON CONFLICT (measure, level, day, source, category, channel, label) DO UPDATE
SET times = rollups.times + excluded.times, units = rollups.units + excluded.units,
    amount = rollups.amount + excluded.amount
