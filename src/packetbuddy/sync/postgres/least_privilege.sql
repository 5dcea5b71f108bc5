-- Each device with a role of its own, which can write its own rows and no others. Run once by the database's owner
-- after the first device has made the schema (psql -f least_privilege.sql); then, for each device:
--
--   CREATE ROLE laptop LOGIN PASSWORD '…' IN ROLE packetbuddy_device;
--
-- and its URL names that role. A device that came before it had a role (the first one, at least) is handed over to it:
--
--   UPDATE packetbuddy.devices SET owner = 'laptop' WHERE name = 'laptop';
--
-- Two accounts of one machine that shall be one device have the same role. Every device can read all devices: that is what combined views are made of. Where they
-- shall see nothing but their own (a fleet), run this afterwards; a role in packetbuddy_reader still sees all:
--
--   DROP POLICY read_all ON packetbuddy.devices;
--   DROP POLICY read_all ON packetbuddy.days;

BEGIN;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'packetbuddy_device') THEN
    CREATE ROLE packetbuddy_device NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'packetbuddy_reader') THEN
    CREATE ROLE packetbuddy_reader NOLOGIN;
  END IF;
END $$;

GRANT USAGE ON SCHEMA packetbuddy TO packetbuddy_device, packetbuddy_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA packetbuddy TO packetbuddy_device, packetbuddy_reader;
GRANT INSERT (id, machine, name, os), DELETE ON packetbuddy.devices TO packetbuddy_device;
GRANT UPDATE (machine, name, os, changed, seen, retired, revision, token) ON packetbuddy.devices TO packetbuddy_device;
GRANT INSERT, UPDATE, DELETE ON packetbuddy.days TO packetbuddy_device;

ALTER TABLE packetbuddy.devices ENABLE ROW LEVEL SECURITY;
ALTER TABLE packetbuddy.days ENABLE ROW LEVEL SECURITY;

CREATE POLICY read_all ON packetbuddy.devices FOR SELECT TO packetbuddy_device USING (true);
CREATE POLICY read_all ON packetbuddy.days FOR SELECT TO packetbuddy_device USING (true);
CREATE POLICY reader ON packetbuddy.devices FOR SELECT TO packetbuddy_reader USING (true);
CREATE POLICY reader ON packetbuddy.days FOR SELECT TO packetbuddy_reader USING (true);
CREATE POLICY own ON packetbuddy.devices TO packetbuddy_device
  USING (owner = current_user) WITH CHECK (owner = current_user);
CREATE POLICY own ON packetbuddy.days TO packetbuddy_device
  USING (EXISTS (SELECT FROM packetbuddy.devices WHERE id = days.device AND owner = current_user))
  WITH CHECK (EXISTS (SELECT FROM packetbuddy.devices WHERE id = days.device AND owner = current_user));

COMMIT;
