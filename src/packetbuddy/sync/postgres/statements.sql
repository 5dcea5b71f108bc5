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
-- What one device wrote must not keep the others from reading: instants that no calendar holds and texts of megabytes are
-- cut here. Machines are told apart by role, so that no role can pass for another's machine; ours are those of our role.
SELECT id::text,
  CASE WHEN machine = '' OR owner = (SELECT owner FROM packetbuddy.devices WHERE id = %(id)s) THEN left(machine, 201)
    ELSE left(machine, 100) || ' of ' || owner END AS machine,
  left(name, 400) AS name, left(os, 400) AS os,
  CASE WHEN isfinite(created) THEN extract(epoch FROM created) * 1000000 ELSE 0 END::bigint AS created,
  CASE WHEN isfinite(seen) THEN extract(epoch FROM seen) * 1000000 ELSE 0 END::bigint AS seen,
  CASE WHEN isfinite(retired) THEN extract(epoch FROM retired) * 1000000
    WHEN retired IS NOT NULL THEN 0 END::bigint AS retired,
  born::text, revision
FROM packetbuddy.devices WHERE changed >= coalesce(%(since)s::timestamptz, '-infinity') - interval '1 hour'
ORDER BY devices.created, id LIMIT %(most)s;

-- name: how_many
SELECT count(*) FROM packetbuddy.devices;

-- name: now
SELECT clock_timestamp()::text;

-- name: days
-- A column that is too long for a day is not sent over: without it the row is refused.
SELECT day, revision, rx, tx, estimated, peak, observed,
  CASE WHEN cardinality(quarters_rx) <= 96 THEN quarters_rx END,
  CASE WHEN cardinality(quarters_tx) <= 96 THEN quarters_tx END,
  CASE WHEN cardinality(quarters_estimated) <= 96 THEN quarters_estimated END,
  CASE WHEN cardinality(quarters_peak) <= 96 THEN quarters_peak END,
  CASE WHEN cardinality(quarters_observed) <= 96 THEN quarters_observed END
FROM packetbuddy.days WHERE device = %(id)s AND (revision, day) > (%(revision)s, %(day)s)
ORDER BY revision, day LIMIT %(most)s;

-- name: rename
UPDATE packetbuddy.devices SET name = %(name)s, changed = clock_timestamp() WHERE id = %(id)s RETURNING id::text;

-- name: retire
UPDATE packetbuddy.devices SET retired = clock_timestamp(), changed = clock_timestamp() WHERE id = %(id)s RETURNING id::text;

-- name: forget
DELETE FROM packetbuddy.devices WHERE id = %(id)s RETURNING id::text;
