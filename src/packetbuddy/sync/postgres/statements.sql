-- name: versions
SELECT version, oldest FROM packetbuddy.meta;

-- name: make_alone
SELECT pg_advisory_xact_lock(5782131);

-- name: is_there
-- A scan: names that were looked up a moment ago in vain may be remembered as missing for the rest of a transaction.
SELECT count(*) > 0 FROM pg_catalog.pg_tables WHERE schemaname = 'packetbuddy' AND tablename = 'meta';

-- name: device
SELECT born::text, token, revision FROM packetbuddy.devices WHERE id = %(id)s;

-- name: device_alone
SELECT born::text, token, revision, set_config('statement_timeout', '60s', true)
FROM packetbuddy.devices WHERE id = %(id)s FOR UPDATE;

-- name: join
INSERT INTO packetbuddy.devices (id, machine, name, os) VALUES (%(id)s, %(machine)s, %(name)s, %(os)s)
ON CONFLICT (id) DO NOTHING;

-- name: push
INSERT INTO packetbuddy.days AS known (device, day, revision, rx, tx, estimated, peak, observed,
  quarters_rx, quarters_tx, quarters_estimated, quarters_peak, quarters_observed)
SELECT %(id)s, day, %(revision)s, rx, tx, estimated, peak, observed,
  quarters_rx, quarters_tx, quarters_estimated, quarters_peak, quarters_observed
FROM json_to_recordset(%(days)s::json) AS given (day integer, rx bigint, tx bigint, estimated bigint, peak bigint,
  observed integer, quarters_rx bigint[], quarters_tx bigint[], quarters_estimated bigint[], quarters_peak bigint[],
  quarters_observed smallint[])
ON CONFLICT (device, day) DO UPDATE SET revision = excluded.revision, rx = excluded.rx, tx = excluded.tx,
  estimated = excluded.estimated, peak = excluded.peak, observed = excluded.observed,
  quarters_rx = excluded.quarters_rx, quarters_tx = excluded.quarters_tx,
  quarters_estimated = excluded.quarters_estimated, quarters_peak = excluded.quarters_peak,
  quarters_observed = excluded.quarters_observed
WHERE excluded.revision > known.revision;

-- name: sign
UPDATE packetbuddy.devices SET revision = %(revision)s, token = %(token)s, machine = %(machine)s, os = %(os)s,
  seen = clock_timestamp(), changed = clock_timestamp(), retired = NULL
WHERE id = %(id)s;

-- name: devices
SELECT id::text, machine, name, os, (extract(epoch FROM created) * 1000000)::bigint AS created,
  (extract(epoch FROM seen) * 1000000)::bigint AS seen, (extract(epoch FROM retired) * 1000000)::bigint AS retired,
  born::text, revision
FROM packetbuddy.devices WHERE changed >= coalesce(%(since)s::timestamptz, '-infinity') - interval '1 hour'
ORDER BY created, id LIMIT %(most)s;

-- name: how_many
SELECT count(*) FROM packetbuddy.devices;

-- name: now
SELECT clock_timestamp()::text;

-- name: days
SELECT day, revision, rx, tx, estimated, peak, observed,
  quarters_rx, quarters_tx, quarters_estimated, quarters_peak, quarters_observed
FROM packetbuddy.days WHERE device = %(id)s AND (revision, day) > (%(revision)s, %(day)s)
ORDER BY revision, day LIMIT %(most)s;

-- name: rename
UPDATE packetbuddy.devices SET name = %(name)s, changed = clock_timestamp() WHERE id = %(id)s RETURNING id::text;

-- name: retire
UPDATE packetbuddy.devices SET retired = clock_timestamp(), changed = clock_timestamp() WHERE id = %(id)s RETURNING id::text;

-- name: forget
DELETE FROM packetbuddy.devices WHERE id = %(id)s RETURNING id::text;
