-- name: staged
CREATE TEMP TABLE staged (slot INTEGER PRIMARY KEY, rx INTEGER, tx INTEGER, estimated INTEGER, peak INTEGER);

-- name: claimed
CREATE TEMP TABLE claimed (start_ns INTEGER, end_ns INTEGER);

-- name: stage
INSERT INTO temp.staged VALUES (?, ?, ?, ?, ?)
ON CONFLICT (slot) DO UPDATE SET rx = rx + excluded.rx, tx = tx + excluded.tx,
  estimated = estimated + excluded.estimated, peak = max(peak, excluded.peak);

-- name: claim
INSERT INTO temp.claimed VALUES (?, ?);

-- name: in_order
SELECT start_ns, end_ns FROM temp.claimed ORDER BY start_ns;

-- name: standing_imports
SELECT count(*) + coalesce(sum(undone_ns IS NOT NULL), 0) AS changes FROM imports;

-- name: import
INSERT INTO imports (kind, about, file, zone, rx, tx, first_slot, last_slot, made_ns)
SELECT :kind, :about, :file, :zone, coalesce(sum(rx), 0), coalesce(sum(tx), 0), min(slot), max(slot), :at_ns FROM temp.staged
RETURNING *;

-- name: import_slots
INSERT INTO slots (id, rx, tx, estimated, peak_rx, peak_tx, peak)
SELECT slot << 16 | :series, rx, tx, estimated, 0, 0, peak FROM temp.staged;

-- name: import_days
INSERT INTO days (day, interface, counted, rx, tx, estimated, peak_rx, peak_tx, peak, revision)
SELECT slot / 288, :interface, 1, sum(rx), sum(tx), sum(estimated), 0, 0, max(peak), :revision
FROM temp.staged GROUP BY 1;

-- name: import_span
INSERT INTO import_spans (import, start_ns, end_ns) VALUES (?, ?, ?);

-- name: an_import
SELECT * FROM imports WHERE id = :number;

-- name: undo_import
UPDATE imports SET undone_ns = :at_ns WHERE id = :number RETURNING *;

-- name: drop_slots
DELETE FROM slots WHERE id >= :first AND id < :beyond AND (id & 65535) = :series;

-- name: empty_days
UPDATE days SET rx = 0, tx = 0, estimated = 0, peak_rx = 0, peak_tx = 0, peak = 0, revision = :revision
WHERE interface = :interface;

-- name: drop_spans
DELETE FROM import_spans WHERE import = :number;

-- name: has_imports
SELECT count(*) AS there FROM sqlite_schema WHERE type = 'table' AND name = 'imports';

-- name: imports
SELECT * FROM imports ORDER BY id;

-- name: spans
SELECT start_ns, end_ns FROM import_spans ORDER BY start_ns;

-- name: imported_between
SELECT imports.id AS number, sum(slots.rx) AS rx, sum(slots.tx) AS tx
FROM imports
JOIN interfaces ON interfaces.name = 'import ' || imports.id
JOIN series ON series.interface = interfaces.id
JOIN slots ON (slots.id & 65535) = series.id
WHERE imports.undone_ns IS NULL AND slots.id >= :first AND slots.id < :beyond GROUP BY imports.id;
