CREATE TABLE outbox (
  -- Alerts that a destination has not taken yet, in the order in which they came.
  place INTEGER PRIMARY KEY,
  destination TEXT NOT NULL,
  alert_id TEXT NOT NULL,
  time INTEGER NOT NULL,        -- when the alert's bucket began, in milliseconds since 1970
  severity INTEGER NOT NULL,    -- the rule's, as a number
  score REAL NOT NULL,
  sentence TEXT NOT NULL,       -- the alert in words
  document TEXT NOT NULL,       -- the alert as JSON
  bytes INTEGER NOT NULL,       -- what it takes of the room there is
  tries INTEGER NOT NULL,       -- how often the destination has refused it
  next_try INTEGER NOT NULL,    -- not before, in milliseconds since 1970
  UNIQUE (destination, alert_id)
) STRICT;

CREATE INDEX outbox_by_place ON outbox (destination, place, bytes, next_try);

CREATE TABLE outbox_lost (
  -- How many alerts had to leave the outbox without being taken, because too many waited.
  destination TEXT PRIMARY KEY,
  alerts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
