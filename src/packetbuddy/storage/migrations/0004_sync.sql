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
