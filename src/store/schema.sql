-- Version 1 of the state file. What stands within a statement stays in the file: .schema shows it.

CREATE TABLE jobs (
  -- What is asked: which values of by_field are rare, within each value of partition_field.
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  by_field TEXT NOT NULL,
  partition_field TEXT,         -- NULL: over everything
  span INTEGER NOT NULL,        -- how long a bucket is, in seconds
  novelty TEXT NOT NULL,        -- 'any' or 'known elsewhere'
  retention INTEGER NOT NULL,   -- how often less had to be kept of details, from 0 to 8
  forgotten INTEGER NOT NULL    -- how many values left because there were too many
) STRICT;

CREATE TABLE influencers (
  -- The fields that may explain a finding, by their place; place 0 is the host, and not here.
  job_id INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  place INTEGER NOT NULL,
  field TEXT NOT NULL,
  PRIMARY KEY (job_id, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE subjects (
  -- The values that were seen. Values are TEXT where they are UTF-8 without NUL, otherwise BLOB.
  id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  partition_value ANY,          -- NULL: the job has no partition_field
  value ANY NOT NULL,
  more_hosts BLOB               -- hashes of all hosts, where there are too many for subject_hosts
) STRICT;

CREATE INDEX subjects_by_value ON subjects (job_id, value, partition_value);

CREATE TABLE subject_hosts (
  -- Who told of a value, ever: at most 16 hosts for each.
  subject_id INTEGER NOT NULL REFERENCES subjects ON DELETE CASCADE,
  host ANY NOT NULL,
  buckets INTEGER NOT NULL,     -- in how many; an estimate where more than length(hashes) / 8
  hashes BLOB NOT NULL,         -- the smallest bucket numbers, 8 bytes each, big-endian
  PRIMARY KEY (subject_id, host)
) STRICT, WITHOUT ROWID;

CREATE TABLE presence (
  -- In which buckets a value was: sixty-four buckets a row. The view seen has one a row.
  subject_id INTEGER NOT NULL REFERENCES subjects ON DELETE CASCADE,
  chunk INTEGER NOT NULL,       -- bucket number divided by 64
  mask INTEGER NOT NULL,        -- bit n stands for bucket chunk * 64 + n; bit 63 is the sign
  PRIMARY KEY (subject_id, chunk)
) STRICT, WITHOUT ROWID;

CREATE TABLE details (
  -- What is known of a value in a bucket; kept for buckets of values that are not always there.
  subject_id INTEGER NOT NULL REFERENCES subjects ON DELETE CASCADE,
  bucket INTEGER NOT NULL,      -- number since 1970: it begins at bucket * jobs.span
  events INTEGER NOT NULL,      -- how many; an estimate where more than length(hashes) / 8
  hashes BLOB NOT NULL,         -- the smallest hashes of their ids, 8 bytes each, big-endian
  PRIMARY KEY (subject_id, bucket)
) STRICT, WITHOUT ROWID;

CREATE TABLE influences (
  -- What a value was seen with in a bucket: at most 16 things for each place.
  subject_id INTEGER NOT NULL REFERENCES subjects ON DELETE CASCADE,
  bucket INTEGER NOT NULL,
  place INTEGER NOT NULL,       -- that of influencers; 0 is the host that told
  value ANY NOT NULL,
  events INTEGER NOT NULL,      -- how many; an estimate where more than length(hashes) / 8
  hashes BLOB NOT NULL,
  PRIMARY KEY (subject_id, bucket, place, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE more_influences (
  -- Hashes of all the things of a place, where there are too many for influences.
  subject_id INTEGER NOT NULL REFERENCES subjects ON DELETE CASCADE,
  bucket INTEGER NOT NULL,
  place INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (subject_id, bucket, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence (
  -- The earliest events of a value in a bucket.
  subject_id INTEGER NOT NULL REFERENCES subjects ON DELETE CASCADE,
  bucket INTEGER NOT NULL,
  time INTEGER NOT NULL,        -- milliseconds since 1970
  event INTEGER NOT NULL,       -- the hash of its id: 64 bits, the highest of which is the sign
  document ANY NOT NULL,        -- the connection as JSON, as oddsock-events(5) describes it
  PRIMARY KEY (subject_id, bucket, time, event)
) STRICT;

CREATE TABLE alerts (
  -- The alerts that were made.
  id TEXT PRIMARY KEY,
  rule TEXT NOT NULL,
  function TEXT NOT NULL,       -- 'rare', 'burst' or 'comeback'
  bucket_start INTEGER NOT NULL, -- milliseconds since 1970
  partition_value ANY,
  score REAL NOT NULL,
  probability REAL NOT NULL,
  document TEXT NOT NULL,       -- the alert as JSON
  first_stored INTEGER NOT NULL -- milliseconds since 1970
) STRICT, WITHOUT ROWID;

CREATE INDEX alerts_by_time ON alerts (bucket_start, id);

CREATE TABLE alert_values (
  -- The values of an alert: several if it is a burst.
  alert_id TEXT NOT NULL REFERENCES alerts ON DELETE CASCADE,
  place INTEGER NOT NULL,
  value ANY NOT NULL,
  PRIMARY KEY (alert_id, place)
) STRICT, WITHOUT ROWID;

CREATE VIEW seen AS
  -- A row for each bucket that a value was in.
  WITH RECURSIVE bits (bit) AS (VALUES (0) UNION ALL SELECT bit + 1 FROM bits WHERE bit < 63)
  SELECT
    jobs.name AS job,
    subjects.partition_value,
    subjects.value,
    strftime('%Y-%m-%dT%H:%M:%SZ', (chunk * 64 + bit) * span, 'unixepoch') AS bucket_start,
    chunk * 64 + bit AS bucket,
    subjects.id AS subject_id
  FROM jobs
  JOIN subjects ON subjects.job_id = jobs.id
  JOIN presence ON presence.subject_id = subjects.id
  JOIN bits ON (mask >> bit) & 1;
