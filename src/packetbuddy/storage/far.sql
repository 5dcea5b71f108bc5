-- name: known
SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('sync', 'devices', 'far_days', 'far_quarters');

-- name: standing
SELECT * FROM sync WHERE id = 1;

-- name: devices
SELECT * FROM devices ORDER BY created_ns, id;

-- name: pulled_from
SELECT quarter, observed FROM far_quarters WHERE device = :device AND observed + rx + tx > 0 ORDER BY quarter LIMIT 1;

-- name: pushable_days
SELECT day, max(revision) AS revision FROM days GROUP BY day HAVING (max(revision), day) > (:revision, :day) ORDER BY 2, 1;

-- name: pulled_day
SELECT quarter, rx, tx, estimated, peak, observed FROM far_quarters
WHERE device = :device AND quarter >= :first AND quarter < :first + 96 ORDER BY quarter;

-- name: days_of
SELECT day FROM far_days WHERE device = :device AND revision > :pulled ORDER BY day;

-- name: corrected
SELECT DISTINCT device FROM far_days WHERE device <= 0;

-- name: became
SELECT max(at_ns) FROM events WHERE kind = 'machine';
