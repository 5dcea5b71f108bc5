-- name: interface
INSERT INTO interfaces (name, kind) VALUES (:name, :kind)
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind WHERE excluded.kind NOT IN ('', kind);

-- name: interface_id
SELECT id FROM interfaces WHERE name = :name;

-- name: series
INSERT INTO series (interface, counted, epoch) VALUES (:interface, :counted, :epoch)
ON CONFLICT (interface, counted, epoch) DO NOTHING;

-- name: series_id
SELECT id FROM series WHERE interface = :interface AND counted = :counted AND epoch = :epoch;

-- name: slot
INSERT INTO slots (id, rx, tx, estimated, peak_rx, peak_tx, peak)
VALUES (:id, :rx, :tx, :estimated, :peak_rx, :peak_tx, :peak)
ON CONFLICT (id) DO UPDATE SET
  rx = rx + excluded.rx, tx = tx + excluded.tx, estimated = estimated + excluded.estimated,
  peak_rx = max(peak_rx, excluded.peak_rx), peak_tx = max(peak_tx, excluded.peak_tx), peak = max(peak, excluded.peak);

-- name: day
INSERT INTO days (day, interface, counted, rx, tx, estimated, peak_rx, peak_tx, peak, revision)
VALUES (:day, :interface, :counted, :rx, :tx, :estimated, :peak_rx, :peak_tx, :peak, :revision)
ON CONFLICT (day, interface, counted) DO UPDATE SET
  rx = rx + excluded.rx, tx = tx + excluded.tx, estimated = estimated + excluded.estimated,
  peak_rx = max(peak_rx, excluded.peak_rx), peak_tx = max(peak_tx, excluded.peak_tx), peak = max(peak, excluded.peak),
  revision = excluded.revision;

-- name: touch_day
INSERT INTO days (day, interface, counted, rx, tx, estimated, peak_rx, peak_tx, peak, revision)
VALUES (:day, 1, 1, 0, 0, 0, 0, 0, 0, :revision)
ON CONFLICT (day, interface, counted) DO UPDATE SET revision = excluded.revision;

-- name: look
INSERT INTO looks (boot, namespace, complete, wall_ns, elapsed_ns, awake_ns)
VALUES (:boot, :namespace, :complete, :wall_ns, :elapsed_ns, :awake_ns)
ON CONFLICT (boot, namespace) DO UPDATE SET
  complete = max(complete, excluded.complete), wall_ns = excluded.wall_ns,
  elapsed_ns = excluded.elapsed_ns, awake_ns = excluded.awake_ns
RETURNING id;

-- name: baseline
INSERT INTO baselines (place, identity, name, rx_bytes, tx_bytes, rx_packets, tx_packets, origin_rx, origin_tx,
  booked_rx, booked_tx, counted, recorded, gone_elapsed_ns, gone_awake_ns)
VALUES (:place, :identity, :name, :rx_bytes, :tx_bytes, :rx_packets, :tx_packets, :origin_rx, :origin_tx,
  :booked_rx, :booked_tx, :counted, :recorded, :gone_elapsed_ns, :gone_awake_ns)
ON CONFLICT (place, identity) DO UPDATE SET
  name = excluded.name, rx_bytes = excluded.rx_bytes, tx_bytes = excluded.tx_bytes,
  rx_packets = excluded.rx_packets, tx_packets = excluded.tx_packets,
  origin_rx = excluded.origin_rx, origin_tx = excluded.origin_tx,
  booked_rx = booked_rx + excluded.booked_rx, booked_tx = booked_tx + excluded.booked_tx,
  counted = excluded.counted, recorded = excluded.recorded,
  gone_elapsed_ns = excluded.gone_elapsed_ns, gone_awake_ns = excluded.gone_awake_ns;

-- name: state
UPDATE state SET revision = :revision, machine = :machine, place = :place, heartbeat_ns = :heartbeat_ns,
  started_ns = :started_ns, stopped_ns = :stopped_ns, version = :version, poll_ns = :poll_ns, write_ns = :write_ns,
  problem = :problem
WHERE id = 1;

-- name: next_revision
SELECT revision + 1 FROM state WHERE id = 1;

-- name: bump_revision
UPDATE state SET revision = :revision WHERE id = 1;

-- name: last_watched
SELECT id, end_ns, epoch FROM watched ORDER BY id DESC LIMIT 1;

-- name: extend_watched
UPDATE watched SET end_ns = max(end_ns, :end_ns) WHERE id = :id;

-- name: watched
INSERT INTO watched (start_ns, end_ns, epoch) VALUES (:start_ns, :end_ns, :epoch);

-- name: event
INSERT INTO events (at_ns, kind, interface, detail, count, epoch)
VALUES (:at_ns, :kind, :interface, :detail, :count, :epoch);

-- name: doubt
INSERT INTO doubts (interface, counted, rx, tx, start_ns, end_ns, ceiling, state, epoch)
VALUES (:interface, :counted, :rx, :tx, :start_ns, :end_ns, :ceiling, 'open', :epoch);

-- name: epoch
INSERT INTO epochs (number, boot, base_ns, first_slot, last_slot) VALUES (:number, :boot, :base_ns, :first_slot, :last_slot)
ON CONFLICT (number) DO UPDATE SET base_ns = excluded.base_ns,
  first_slot = min(first_slot, excluded.first_slot), last_slot = max(last_slot, excluded.last_slot)
-- What has not changed by a second or a slot is not worth a page of every write.
WHERE abs(excluded.base_ns - base_ns) > 1000000000 OR excluded.first_slot < first_slot OR excluded.last_slot > last_slot;

-- name: widen_epoch
UPDATE epochs SET first_slot = min(first_slot, :slot), last_slot = max(last_slot, :slot) WHERE number = :number;

-- name: epochs
SELECT number, boot, base_ns, first_slot, last_slot FROM epochs ORDER BY number;

-- name: forget_epoch
DELETE FROM epochs WHERE number = :number;

-- name: epoch_series
SELECT id, interface, counted FROM series WHERE epoch = :number;

-- name: move_slots
INSERT INTO slots (id, rx, tx, estimated, peak_rx, peak_tx, peak)
SELECT (((id >> 16) + :shift) << 16) | :target, rx, tx, estimated, peak_rx, peak_tx, peak FROM slots
WHERE id >= :first AND id < :beyond AND (id & 65535) = :source
ON CONFLICT (id) DO UPDATE SET
  rx = rx + excluded.rx, tx = tx + excluded.tx, estimated = estimated + excluded.estimated,
  peak_rx = max(peak_rx, excluded.peak_rx), peak_tx = max(peak_tx, excluded.peak_tx), peak = max(peak, excluded.peak);

-- name: drop_moved
DELETE FROM slots WHERE id >= :first AND id < :beyond AND (id & 65535) = :source;

-- name: drop_series
DELETE FROM series WHERE id = :source;

-- name: move_watched
UPDATE watched SET start_ns = start_ns + :offset_ns, end_ns = end_ns + :offset_ns, epoch = 0 WHERE epoch = :number;

-- name: move_events
UPDATE events SET at_ns = at_ns + :offset_ns, epoch = 0 WHERE epoch = :number;

-- name: move_doubts
UPDATE doubts SET start_ns = start_ns + :offset_ns, end_ns = end_ns + :offset_ns, epoch = 0 WHERE epoch = :number;

-- name: empty_days
UPDATE days SET rx = 0, tx = 0, estimated = 0, peak_rx = 0, peak_tx = 0, peak = 0, revision = :revision
WHERE day >= :first_day AND day <= :last_day;

-- name: rebuild_days
INSERT INTO days (day, interface, counted, rx, tx, estimated, peak_rx, peak_tx, peak, revision)
SELECT (slots.id >> 16) / 288, series.interface, series.counted, sum(rx), sum(tx), sum(estimated),
  max(peak_rx), max(peak_tx), max(peak), :revision
FROM slots JOIN series ON series.id = (slots.id & 65535)
WHERE slots.id >= :first AND slots.id < :beyond
GROUP BY 1, 2, 3
ON CONFLICT (day, interface, counted) DO UPDATE SET
  rx = excluded.rx, tx = excluded.tx, estimated = excluded.estimated,
  peak_rx = excluded.peak_rx, peak_tx = excluded.peak_tx, peak = excluded.peak, revision = excluded.revision;

-- name: new_lineage
-- Its first sixteen letters stay: they name the file, for those who need not know that rows moved within it.
UPDATE state SET lineage = substr(lineage, 1, 16) || lower(hex(randomblob(8))) WHERE id = 1;

-- name: void_looks
DELETE FROM looks;

-- name: void_baselines
DELETE FROM baselines;

-- name: found
INSERT INTO state (id, lineage, revision, machine, heartbeat_ns, started_ns, version, poll_ns, write_ns)
VALUES (1, lower(hex(randomblob(8))), 0, '', 0, 0, '', 0, 0);

-- name: found_all
INSERT INTO interfaces (id, name, kind) VALUES (1, '', '');
