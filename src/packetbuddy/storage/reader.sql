-- name: state
SELECT * FROM state WHERE id = 1;

-- name: series
SELECT series.id AS id, interfaces.name AS name, series.counted AS counted
FROM series JOIN interfaces ON interfaces.id = series.interface;

-- name: changed_days
SELECT DISTINCT day FROM days WHERE revision > :revision ORDER BY day;

-- name: last_day
SELECT max(day) AS day FROM days WHERE rx <> 0 OR tx <> 0;

-- name: lifetime
SELECT coalesce(sum(rx), 0) AS rx, coalesce(sum(tx), 0) AS tx, coalesce(sum(estimated), 0) AS estimated, max(peak) AS peak
FROM days WHERE counted = 1;

-- name: lifetime_of
SELECT coalesce(sum(rx), 0) AS rx, coalesce(sum(tx), 0) AS tx, coalesce(sum(estimated), 0) AS estimated, max(peak) AS peak
FROM days WHERE interface = (SELECT id FROM interfaces WHERE name = :name);

-- name: interfaces
SELECT interfaces.name AS name, interfaces.kind AS kind, coalesce(sum(days.rx), 0) AS rx, coalesce(sum(days.tx), 0) AS tx,
  coalesce(sum(CASE WHEN days.counted = 1 THEN days.rx + days.tx END), 0) AS counted_bytes
FROM interfaces LEFT JOIN days ON days.interface = interfaces.id
WHERE interfaces.id <> 1 GROUP BY interfaces.id ORDER BY interfaces.name;

-- name: booked
SELECT interfaces.name AS name, interfaces.kind AS kind, days.counted AS counted, sum(days.rx) AS rx, sum(days.tx) AS tx
FROM days JOIN interfaces ON interfaces.id = days.interface
WHERE interfaces.id <> 1
GROUP BY interfaces.id, days.counted ORDER BY interfaces.name, days.counted DESC;

-- name: watched
SELECT start_ns, end_ns FROM watched WHERE end_ns >= :start_ns AND start_ns <= :end_ns ORDER BY start_ns;

-- name: watched_from
SELECT min(start_ns) AS first FROM watched;

-- name: events
SELECT at_ns, kind, interface, detail, count AS times FROM events WHERE at_ns >= :start_ns AND at_ns < :end_ns ORDER BY at_ns, id;

-- name: doubts
SELECT * FROM doubts WHERE start_ns < :end_ns AND end_ns >= :start_ns ORDER BY id;

-- name: open_doubts
SELECT * FROM doubts WHERE state = 'open' ORDER BY id;

-- name: corrections
SELECT * FROM corrections WHERE date = :date ORDER BY id;
