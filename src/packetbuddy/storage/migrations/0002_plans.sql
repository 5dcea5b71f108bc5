-- 0002: what plans need: alerts that are told once, what the monitor waits for, the ISP's figures.

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
  coverage REAL
) STRICT;
