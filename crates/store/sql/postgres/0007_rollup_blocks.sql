-- The same sums by blocks of sixteen days (level + 8; day: the block's first), so that a year is read as some twenty blocks
-- and the days at its ends.
INSERT INTO rollups (measure, level, day, source, category, channel, label, times, units, amount)
SELECT measure, level + 8, day - day % 16, source, category, channel, label,
    CAST(sum(times) AS BIGINT), CAST(sum(units) AS BIGINT), CAST(sum(amount) AS BIGINT)
FROM rollups WHERE level < 8
GROUP BY measure, level, day - day % 16, source, category, channel, label;
