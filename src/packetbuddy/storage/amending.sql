-- name: doubt
SELECT * FROM doubts WHERE id = :number;

-- name: decide
UPDATE doubts SET state = :state, decided_ns = :at_ns WHERE id = :number AND state = 'open';

-- name: day_slots
SELECT (slots.id >> 16) AS slot, sum(rx) AS rx, sum(tx) AS tx
FROM slots JOIN series ON series.id = (slots.id & 65535)
WHERE slots.id >= :first AND slots.id < :beyond AND series.counted = 1
GROUP BY 1 ORDER BY 1;

-- name: correction
INSERT INTO corrections (date, zone, rx, tx, reason, made_ns) VALUES (:date, :zone, :rx, :tx, :reason, :made_ns)
RETURNING *;

-- name: correction_slot
INSERT INTO correction_slots (correction, slot, rx, tx) VALUES (:correction, :slot, :rx, :tx);

-- name: standing
SELECT * FROM corrections WHERE date = :date AND undone_ns IS NULL ORDER BY id DESC LIMIT 1;

-- name: correction_slots
SELECT slot, rx, tx FROM correction_slots WHERE correction = :correction;

-- name: drop_emptied
DELETE FROM slots WHERE id = :id AND rx = 0 AND tx = 0;

-- name: undo
UPDATE corrections SET undone_ns = :at_ns WHERE id = :correction RETURNING *;
