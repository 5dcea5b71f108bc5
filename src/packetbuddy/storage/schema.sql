-- The ledger, version 3. The truth; migrations/ must lead to exactly this (a test proves it).
-- Times are UTC: *_ns in nanoseconds since 1970, slots in five minutes, days in days since 1970.

CREATE TABLE state (                 -- one row: what the monitor knew at its last commit (the heartbeat)
  id INTEGER PRIMARY KEY CHECK (id = 1),
  lineage TEXT NOT NULL,             -- changes when the file is replaced: caches of another lineage are void
  revision INTEGER NOT NULL,         -- rises with every change of a day
  machine TEXT NOT NULL,
  place INTEGER,                     -- the last look
  heartbeat_ns INTEGER NOT NULL,
  started_ns INTEGER NOT NULL,
  stopped_ns INTEGER,                -- set by a clean stop
  version TEXT NOT NULL,
  poll_ns INTEGER NOT NULL,
  write_ns INTEGER NOT NULL,
  problem TEXT
) STRICT;

CREATE TABLE looks (                 -- the last look at each (boot, network namespace) of this boot
  id INTEGER PRIMARY KEY,
  boot TEXT NOT NULL,
  namespace TEXT NOT NULL,
  complete INTEGER NOT NULL,
  wall_ns INTEGER NOT NULL,
  elapsed_ns INTEGER NOT NULL,
  awake_ns INTEGER NOT NULL,
  UNIQUE (boot, namespace)
) STRICT;

CREATE TABLE baselines (             -- counters that are accounted for; never keyed by name
  place INTEGER NOT NULL,
  identity INTEGER NOT NULL,
  name TEXT NOT NULL,
  rx_bytes INTEGER NOT NULL,
  tx_bytes INTEGER NOT NULL,
  rx_packets INTEGER,
  tx_packets INTEGER,
  origin_rx INTEGER NOT NULL,
  origin_tx INTEGER NOT NULL,
  booked_rx INTEGER NOT NULL,        -- added up beside the slots: counters - origin = booked is audited
  booked_tx INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  recorded INTEGER NOT NULL,
  gone_elapsed_ns INTEGER,
  gone_awake_ns INTEGER,
  PRIMARY KEY (place, identity)
) STRICT, WITHOUT ROWID;

CREATE TABLE interfaces (            -- id 1 is the empty name: all counted interfaces together (peaks only)
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL
) STRICT;

CREATE TABLE series (                -- rows of one interface, counted or not, written under one clock epoch (0 = settled)
  id INTEGER PRIMARY KEY,
  interface INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  UNIQUE (interface, counted, epoch)
) STRICT;

CREATE TABLE slots (                 -- id = slot * 65536 + series: appended in time order, so pages stay full
  id INTEGER PRIMARY KEY,
  rx INTEGER NOT NULL,
  tx INTEGER NOT NULL,
  estimated INTEGER NOT NULL,
  peak_rx INTEGER NOT NULL,
  peak_tx INTEGER NOT NULL,
  peak INTEGER NOT NULL
) STRICT;

CREATE TABLE days (                  -- UTC-day totals, written with the slots, rebuildable from them
  day INTEGER NOT NULL,
  interface INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  rx INTEGER NOT NULL,
  tx INTEGER NOT NULL,
  estimated INTEGER NOT NULL,
  peak_rx INTEGER NOT NULL,
  peak_tx INTEGER NOT NULL,
  peak INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (day, interface, counted)
) STRICT, WITHOUT ROWID;

CREATE TABLE epochs (                -- settings of the wall clock whose rows may still have to be moved
  number INTEGER PRIMARY KEY,
  boot TEXT NOT NULL,
  base_ns INTEGER NOT NULL,
  first_slot INTEGER NOT NULL,
  last_slot INTEGER NOT NULL
) STRICT;

CREATE TABLE watched (               -- time that is covered by counters; everything else is "not observed"
  id INTEGER PRIMARY KEY,
  start_ns INTEGER NOT NULL,
  end_ns INTEGER NOT NULL,
  epoch INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  at_ns INTEGER NOT NULL,
  kind TEXT NOT NULL,
  interface TEXT NOT NULL,
  detail TEXT NOT NULL,
  count INTEGER NOT NULL,
  epoch INTEGER NOT NULL
) STRICT;
CREATE INDEX events_at ON events (at_ns);

CREATE TABLE doubts (                -- changes that were not believed; accepting one books it once
  id INTEGER PRIMARY KEY,
  interface TEXT NOT NULL,
  counted INTEGER NOT NULL,
  rx INTEGER NOT NULL,
  tx INTEGER NOT NULL,
  start_ns INTEGER NOT NULL,
  end_ns INTEGER NOT NULL,
  ceiling INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'rejected')),
  decided_ns INTEGER,
  epoch INTEGER NOT NULL
) STRICT;

CREATE TABLE corrections (           -- rx and tx are the signed change; undone_ns marks a reversed one
  id INTEGER PRIMARY KEY,
  date TEXT NOT NULL,
  zone TEXT NOT NULL,
  rx INTEGER NOT NULL,
  tx INTEGER NOT NULL,
  reason TEXT NOT NULL,
  made_ns INTEGER NOT NULL,
  undone_ns INTEGER
) STRICT;

CREATE TABLE correction_slots (
  correction INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  rx INTEGER NOT NULL,
  tx INTEGER NOT NULL,
  PRIMARY KEY (correction, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (                -- the key says plan, terms, cycle and occasion: one of each, ever
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  made_ns INTEGER NOT NULL,
  title TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;

CREATE TABLE deliveries (            -- an alert's way to one channel; "sending" is the intent, committed before the act
  alert INTEGER NOT NULL,
  channel TEXT NOT NULL,             -- a fingerprint, for channels hold secrets
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'unknown', 'given up')),
  attempts INTEGER NOT NULL,
  due_ns INTEGER NOT NULL,
  problem TEXT,
  PRIMARY KEY (alert, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE trips (                 -- so many more counted bytes on those links (names and globs, one a line), and somebody
  id INTEGER PRIMARY KEY,            -- has to look whether an alert is due
  links TEXT NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE looked (                -- one row: when somebody looked last, and when it is time again in any case
  id INTEGER PRIMARY KEY CHECK (id = 1),
  at_ns INTEGER NOT NULL,
  due_ns INTEGER NOT NULL
) STRICT;

CREATE TABLE reconciliations (       -- the ISP's figure beside ours, as it was then; both ends of the days included
  id INTEGER PRIMARY KEY,
  made_ns INTEGER NOT NULL,
  first TEXT NOT NULL,
  last TEXT NOT NULL,
  zone TEXT NOT NULL,
  isp TEXT NOT NULL,                 -- as it was written
  isp_bytes INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  received INTEGER NOT NULL,
  coverage REAL,
  device TEXT NOT NULL DEFAULT 'this',  -- whose usage: as --device had it
  interface TEXT                     -- as --interface had it
) STRICT;

CREATE TABLE imports (               -- undone_ns marks one that was taken back; its bytes and spans are gone then
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,                -- what the file was, for people
  about TEXT NOT NULL,
  file TEXT NOT NULL,                -- its name, without the folder
  zone TEXT NOT NULL,                -- whose local times it was read in
  rx INTEGER NOT NULL,
  tx INTEGER NOT NULL,
  first_slot INTEGER,
  last_slot INTEGER,
  made_ns INTEGER NOT NULL,
  undone_ns INTEGER
) STRICT;

CREATE TABLE import_spans (          -- time that an import answers for; nothing is imported into it again
  import INTEGER NOT NULL,
  start_ns INTEGER NOT NULL,
  end_ns INTEGER NOT NULL,
  PRIMARY KEY (import, start_ns)
) STRICT, WITHOUT ROWID;

CREATE TABLE sync (                  -- one row, written by the synchronisation alone: how we stand with the shared database
  id INTEGER PRIMARY KEY CHECK (id = 1),
  device TEXT NOT NULL,              -- whose days ours are
  machine TEXT NOT NULL,             -- where we became that device
  alone INTEGER NOT NULL,            -- 1: once a copy of another device, so never another account of the same machine
  cut INTEGER NOT NULL,              -- what was counted before this quarter of an hour, and so much in it, belongs to
  cut_rx INTEGER NOT NULL,           -- another device
  cut_tx INTEGER NOT NULL,
  cut_estimated INTEGER NOT NULL,
  name TEXT NOT NULL,
  born TEXT NOT NULL,                -- which making of our row there
  token TEXT NOT NULL,               -- what our last acknowledged push wrote there
  intent TEXT NOT NULL,              -- what the push under way writes there
  revision INTEGER NOT NULL,         -- of our row there, as acknowledged
  highest INTEGER NOT NULL,          -- the highest it ever was
  pushed INTEGER NOT NULL,           -- the ledger's revision that is acknowledged, up to this day of it
  pushed_day INTEGER NOT NULL,
  upto_day INTEGER NOT NULL,         -- the UTC day of the last look that is acknowledged, and a checksum of it
  upto_sum INTEGER NOT NULL,
  edge INTEGER NOT NULL,             -- the last quarter that is acknowledged, and how much it held then
  edge_rx INTEGER NOT NULL,
  edge_tx INTEGER NOT NULL,
  edge_estimated INTEGER NOT NULL,
  took_over_ns INTEGER,              -- when we last went on from what a stranger had written
  listed TEXT NOT NULL,              -- the database's time when the devices were last listed
  accounts TEXT NOT NULL,            -- which ledgers were taken for accounts of one machine
  united INTEGER NOT NULL,           -- what they hold twice is corrected up to this revision of the ledger,
  united_day INTEGER NOT NULL,       -- its last look on this UTC day,
  united_pulled INTEGER NOT NULL,    -- and so much of what was pulled
  pulled INTEGER NOT NULL,           -- rises with every change of what was pulled
  generation INTEGER NOT NULL,       -- changes when pulled days are taken away: answers made before are void
  tried_ns INTEGER,
  done_ns INTEGER,
  problem TEXT
) STRICT;

CREATE TABLE devices (               -- the other ledgers that meet in the shared database, as they were pulled
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  machine TEXT NOT NULL,             -- equal and not empty: accounts of one machine, shown as one device
  name TEXT NOT NULL,
  os TEXT NOT NULL,
  created_ns INTEGER NOT NULL,
  seen_ns INTEGER NOT NULL,
  retired_ns INTEGER,
  born TEXT NOT NULL,
  revision INTEGER NOT NULL,         -- the cursor: pulled up to this revision and this day of it
  day INTEGER NOT NULL,
  refused INTEGER NOT NULL,          -- rows that could not be believed, and why the last one
  reason TEXT NOT NULL
) STRICT;

CREATE TABLE far_days (              -- UTC-day totals of pulled days; device 0 and below correct what accounts hold twice
  device INTEGER NOT NULL,
  day INTEGER NOT NULL,
  rx INTEGER NOT NULL,
  tx INTEGER NOT NULL,
  estimated INTEGER NOT NULL,
  peak INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (device, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX far_days_revision ON far_days (revision);

CREATE TABLE far_quarters (          -- quarters of an hour (since 1970) in which anything moved or was observed
  device INTEGER NOT NULL,
  quarter INTEGER NOT NULL,
  rx INTEGER NOT NULL,
  tx INTEGER NOT NULL,
  estimated INTEGER NOT NULL,
  peak INTEGER NOT NULL,
  observed INTEGER NOT NULL,         -- seconds
  PRIMARY KEY (device, quarter)
) STRICT, WITHOUT ROWID;
