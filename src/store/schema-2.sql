-- Version 2 of the state file: what it takes to go on with a log that is followed.

CREATE TABLE logs (
  -- The logs that are followed, by their paths.
  log ANY PRIMARY KEY NOT NULL,
  saved INTEGER NOT NULL,       -- when, in milliseconds since 1970
  newest INTEGER NOT NULL,      -- the time of the newest event that is believed, the same
  told BLOB NOT NULL,           -- hashes of the last events told of, 8 bytes each, big-endian
  untold BLOB NOT NULL          -- hashes of the events that were read and not told of yet
) STRICT, WITHOUT ROWID;

CREATE TABLE log_files (
  -- The files that were read of a log, the oldest first; the last is the one being read.
  log ANY NOT NULL REFERENCES logs ON DELETE CASCADE,
  place INTEGER NOT NULL,
  device INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  head BLOB NOT NULL,           -- its first bytes, by which it is known again
  tail BLOB NOT NULL,           -- the last bytes that were read of it
  read_to INTEGER NOT NULL,     -- how many bytes were read
  PRIMARY KEY (log, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_counters (
  -- What was counted since a log was followed first.
  log ANY NOT NULL REFERENCES logs ON DELETE CASCADE,
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (log, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE unjudged (
  -- The buckets that have facts which were not judged yet.
  log ANY NOT NULL REFERENCES logs ON DELETE CASCADE,
  job TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  PRIMARY KEY (log, job, bucket)
) STRICT, WITHOUT ROWID;

CREATE TABLE told_early (
  -- The alerts that were told before their bucket was over.
  log ANY NOT NULL REFERENCES logs ON DELETE CASCADE,
  alert_id TEXT NOT NULL,
  bucket_start INTEGER NOT NULL, -- milliseconds since 1970
  PRIMARY KEY (log, alert_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE outputs (
  -- How long the files that are written to were at the last save.
  log ANY NOT NULL REFERENCES logs ON DELETE CASCADE,
  name TEXT NOT NULL,           -- 'alerts' or 'connections'
  path ANY NOT NULL,
  device INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  length INTEGER NOT NULL,
  PRIMARY KEY (log, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE undelivered (
  -- The alerts that were made and are not known to have been told.
  place INTEGER PRIMARY KEY,
  alert_id TEXT NOT NULL REFERENCES alerts ON DELETE CASCADE,
  shown BLOB NOT NULL           -- what is written for it
) STRICT;
