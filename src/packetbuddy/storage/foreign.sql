-- name: tables
SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0;

-- name: columns
SELECT name FROM pragma_table_info(:table);

-- name: vnstat_version
SELECT value FROM info WHERE name = 'vnstatversion';

-- name: vnstat_interfaces
SELECT name, created, updated FROM interface ORDER BY name;

-- name: vnstat_fiveminute
SELECT date, sum(rx), sum(tx) FROM fiveminute
WHERE interface IN (SELECT id FROM interface WHERE name IN (SELECT value FROM json_each(:names))) GROUP BY date ORDER BY date;

-- name: vnstat_hour
SELECT date, sum(rx), sum(tx) FROM hour
WHERE interface IN (SELECT id FROM interface WHERE name IN (SELECT value FROM json_each(:names))) GROUP BY date ORDER BY date;

-- name: vnstat_day
SELECT date, sum(rx), sum(tx) FROM day
WHERE interface IN (SELECT id FROM interface WHERE name IN (SELECT value FROM json_each(:names))) GROUP BY date ORDER BY date;

-- name: vnstat_top
SELECT date, sum(rx), sum(tx) FROM top
WHERE interface IN (SELECT id FROM interface WHERE name IN (SELECT value FROM json_each(:names))) GROUP BY date ORDER BY date;

-- name: vnstat_month
SELECT date, sum(rx), sum(tx) FROM month
WHERE interface IN (SELECT id FROM interface WHERE name IN (SELECT value FROM json_each(:names))) GROUP BY date ORDER BY date;

-- name: vnstat_year
SELECT date, sum(rx), sum(tx) FROM year
WHERE interface IN (SELECT id FROM interface WHERE name IN (SELECT value FROM json_each(:names))) GROUP BY date ORDER BY date;

-- name: former_logs
SELECT timestamp, bytes_received, bytes_sent FROM usage_logs ORDER BY timestamp;

-- name: former_last_log
SELECT max(timestamp) FROM usage_logs;

-- name: former_days
SELECT date, sum(bytes_received), sum(bytes_sent) FROM daily_aggregates GROUP BY date ORDER BY date;

-- name: former_peaks
SELECT date, max(peak_speed) FROM daily_aggregates GROUP BY date ORDER BY date;

-- name: former_months
SELECT month || '-01', sum(bytes_received), sum(bytes_sent) FROM monthly_aggregates GROUP BY month ORDER BY month;

-- name: former_overfull
SELECT days.date FROM (SELECT date, sum(bytes_received) AS rx, sum(bytes_sent) AS tx FROM daily_aggregates GROUP BY date) AS days
JOIN (SELECT substr(timestamp, 1, 10) AS date, sum(bytes_received) AS rx, sum(bytes_sent) AS tx FROM usage_logs GROUP BY 1) AS logs
ON logs.date = days.date WHERE logs.rx > days.rx OR logs.tx > days.tx;
