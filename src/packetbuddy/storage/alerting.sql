-- name: told
SELECT key FROM alerts;

-- name: add
INSERT INTO alerts (key, made_ns, title, message) VALUES (:key, :made_ns, :title, :message)
ON CONFLICT (key) DO NOTHING RETURNING id;

-- name: add_delivery
INSERT INTO deliveries (alert, channel, state, attempts, due_ns) VALUES (:alert, :channel, 'waiting', 0, :due_ns);

-- name: lost
UPDATE deliveries SET state = 'unknown', problem = 'interrupted while it was sent' WHERE state = 'sending';

-- name: waiting
SELECT deliveries.alert AS alert, deliveries.channel AS channel, deliveries.attempts AS attempts,
  deliveries.due_ns AS due_ns, alerts.title AS title, alerts.message AS message
FROM deliveries JOIN alerts ON alerts.id = deliveries.alert WHERE deliveries.state = 'waiting'
ORDER BY deliveries.due_ns, deliveries.alert;

-- name: intend
UPDATE deliveries SET state = 'sending', attempts = attempts + 1
WHERE alert = :alert AND channel = :channel AND state = 'waiting';

-- name: settle
UPDATE deliveries SET state = :state, due_ns = :due_ns, problem = :problem
WHERE alert = :alert AND channel = :channel;

-- name: drop_trips
DELETE FROM trips;

-- name: trip
INSERT INTO trips (links, bytes) VALUES (:links, :bytes);

-- name: looked
INSERT INTO looked (id, at_ns, due_ns) VALUES (1, :at_ns, :due_ns)
ON CONFLICT (id) DO UPDATE SET at_ns = excluded.at_ns, due_ns = excluded.due_ns;

-- name: trips
SELECT links, bytes FROM trips ORDER BY id;

-- name: last_look
SELECT at_ns, due_ns FROM looked WHERE id = 1;
