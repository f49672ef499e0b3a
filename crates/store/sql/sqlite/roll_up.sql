-- Every fact counts once at each of the eight levels.
INSERT INTO rollups (measure, level, day, source, category, channel, label, times, units, amount)
SELECT measure, level, day, source, category, channel, label, count(*), sum(units), sum(amount)
FROM (
    SELECT f.measure, levels.level, f.day, f.label, f.units, f.amount,
        CASE WHEN levels.level & 1 = 0 THEN '' ELSE f.source END AS source,
        CASE WHEN levels.level & 2 = 0 THEN '' ELSE f.category END AS category,
        CASE WHEN levels.level & 4 = 0 THEN '' ELSE f.channel END AS channel
    FROM facts f CROSS JOIN (
        SELECT 0 AS level UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3
        UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7
    ) levels
    WHERE f.id > ?1 AND f.id <= ?2
) found
WHERE TRUE
GROUP BY measure, level, day, source, category, channel, label
ON CONFLICT (measure, level, day, source, category, channel, label) DO UPDATE
SET times = rollups.times + excluded.times, units = rollups.units + excluded.units,
    amount = rollups.amount + excluded.amount
