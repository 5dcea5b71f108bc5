-- name: lineage
SELECT lineage FROM state WHERE id = 1;

-- name: keep
INSERT OR REPLACE INTO sync (id,
  device, machine, alone, cut, cut_rx, cut_tx, cut_estimated, name, born, token, intent, revision, highest,
  pushed, pushed_day, upto_day, upto_sum, edge, edge_rx, edge_tx, edge_estimated, took_over_ns, listed, accounts,
  united, united_day, united_pulled,
  pulled, generation, tried_ns, done_ns, problem)
VALUES (1,
  :device, :machine, :alone, :cut, :cut_rx, :cut_tx, :cut_estimated, :name, :born, :token, :intent, :revision,
  :highest, :pushed, :pushed_day, :upto_day, :upto_sum, :edge, :edge_rx, :edge_tx, :edge_estimated, :took_over_ns,
  :listed, :accounts, :united, :united_day, :united_pulled, :pulled, :generation, :tried_ns, :done_ns, :problem);

-- name: device
INSERT INTO devices (id, machine, name, os, created_ns, seen_ns, retired_ns, born, revision, day, refused, reason)
VALUES (:id, :machine, :name, :os, :created_ns, :seen_ns, :retired_ns, :born, 0, 0, 0, '')
ON CONFLICT (id) DO UPDATE SET machine = excluded.machine, name = excluded.name, os = excluded.os,
  created_ns = excluded.created_ns, seen_ns = excluded.seen_ns, retired_ns = excluded.retired_ns, born = excluded.born;

-- name: cursor
UPDATE devices SET revision = :revision, day = :day WHERE number = :number;

-- name: refuse
UPDATE devices SET refused = refused + 1, reason = :reason WHERE number = :number;

-- name: trust
UPDATE devices SET refused = 0, reason = '' WHERE number = :number AND reason = :reason;

-- name: trust_again
UPDATE devices SET revision = 0, day = 0, refused = 0, reason = '' WHERE number = :number;

-- name: drop_device
DELETE FROM devices WHERE number = :number;

-- name: drop_days
DELETE FROM far_days WHERE device = :number;

-- name: drop_quarters
DELETE FROM far_quarters WHERE device = :number;

-- name: drop_quarters_of_day
DELETE FROM far_quarters WHERE device = :number AND quarter >= :first AND quarter < :first + 96;

-- name: day
INSERT OR REPLACE INTO far_days (device, day, rx, tx, estimated, peak, revision)
VALUES (:number, :day, :rx, :tx, :estimated, :peak, :revision);

-- name: quarter
INSERT INTO far_quarters (device, quarter, rx, tx, estimated, peak, observed) VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: watched
INSERT INTO watched (start_ns, end_ns, epoch) VALUES (:start_ns, :end_ns, 0);

-- name: far_total
SELECT coalesce(total(rx) + total(tx), 0) FROM far_days;
