-- name: oldest_fine
SELECT min(id >> 16) FROM slots WHERE id >= :first AND id < :beyond AND (id >> 16) % 3 <> 0;

-- name: coarsen
INSERT INTO slots (id, rx, tx, estimated, peak_rx, peak_tx, peak)
SELECT (((id >> 16) - (id >> 16) % 3) << 16) | (id & 65535) AS quarter,
  sum(rx), sum(tx), sum(estimated), max(peak_rx), max(peak_tx), max(peak)
FROM slots WHERE id >= :first AND id < :beyond AND (id >> 16) % 3 <> 0 GROUP BY quarter
ON CONFLICT (id) DO UPDATE SET
  rx = rx + excluded.rx, tx = tx + excluded.tx, estimated = estimated + excluded.estimated,
  peak_rx = max(peak_rx, excluded.peak_rx), peak_tx = max(peak_tx, excluded.peak_tx), peak = max(peak, excluded.peak);

-- name: drop_fine
DELETE FROM slots WHERE id >= :first AND id < :beyond AND (id >> 16) % 3 <> 0;

-- name: touch_day
UPDATE days SET revision = :revision WHERE day = :day;

-- name: former_epochs
SELECT number FROM epochs WHERE boot <> (SELECT boot FROM looks WHERE id = (SELECT place FROM state WHERE id = 1));

-- name: coherent
SELECT (SELECT count(*) FROM state) = 1 AND NOT EXISTS (SELECT 1 FROM baselines WHERE place NOT IN (SELECT id FROM looks));

-- name: unequal_days
WITH summed AS (
  SELECT (slots.id >> 16) / 288 AS day, series.interface AS interface, series.counted AS counted,
    sum(rx) AS rx, sum(tx) AS tx
  FROM slots JOIN series ON series.id = (slots.id & 65535) GROUP BY 1, 2, 3)
SELECT day FROM days LEFT JOIN summed USING (day, interface, counted)
WHERE days.rx <> coalesce(summed.rx, 0) OR days.tx <> coalesce(summed.tx, 0)
UNION SELECT day FROM summed LEFT JOIN days USING (day, interface, counted) WHERE days.rx IS NULL
ORDER BY day;

-- name: unbalanced
SELECT name, rx_bytes - origin_rx - booked_rx AS rx, tx_bytes - origin_tx - booked_tx AS tx FROM baselines
WHERE rx_bytes - origin_rx <> booked_rx OR tx_bytes - origin_tx <> booked_tx;
