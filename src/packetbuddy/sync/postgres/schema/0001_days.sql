-- Version 1 of the shared schema. Expand-only: what is here is never taken away or given another meaning, so that
-- devices with an older PacketBuddy go on beside newer ones.

CREATE SCHEMA IF NOT EXISTS packetbuddy;

CREATE TABLE packetbuddy.meta (        -- one row: the schema's version, and the oldest client version that may write
  id boolean PRIMARY KEY DEFAULT true CHECK (id),
  version integer NOT NULL,
  oldest integer NOT NULL
);

CREATE TABLE packetbuddy.devices (
  id uuid PRIMARY KEY,
  owner name NOT NULL DEFAULT current_user,
  machine text NOT NULL,               -- a hash; equal and not empty: accounts of one machine
  name text NOT NULL,
  os text NOT NULL,
  born uuid NOT NULL DEFAULT gen_random_uuid(),
  created timestamptz NOT NULL DEFAULT clock_timestamp(),
  changed timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen timestamptz NOT NULL DEFAULT clock_timestamp(),
  retired timestamptz,
  revision bigint NOT NULL DEFAULT 0,  -- how often days were written
  token text NOT NULL DEFAULT ''       -- who wrote last
);

CREATE TABLE packetbuddy.days (
  device uuid NOT NULL REFERENCES packetbuddy.devices ON DELETE CASCADE,
  day integer NOT NULL,                -- of UTC, since 1970
  revision bigint NOT NULL,
  rx bigint NOT NULL,
  tx bigint NOT NULL,
  estimated bigint NOT NULL,
  peak bigint NOT NULL,                -- bytes per second
  observed integer NOT NULL,           -- seconds
  quarters_rx bigint[] NOT NULL,       -- 96 quarters of an hour each; where a column says nothing it is null
  quarters_tx bigint[] NOT NULL,
  quarters_estimated bigint[],
  quarters_peak bigint[],
  quarters_observed smallint[],
  PRIMARY KEY (device, day)
) WITH (toast_tuple_target = 256);
CREATE INDEX days_changed ON packetbuddy.days (device, revision, day);
CREATE INDEX days_by_day ON packetbuddy.days (day);   -- for those who ask for all devices here, instead of in a ledger

INSERT INTO packetbuddy.meta (version, oldest) VALUES (1, 1);
