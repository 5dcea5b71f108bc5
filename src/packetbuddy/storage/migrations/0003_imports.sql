-- 0003: usage taken over from other files. The bytes are slots of a series of their own, of the interface "import N".

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
