-- Version 3 of the state file: what tail has told of stands apart from what is known of alerts, and
-- a file that is written to is known by more than its number.

CREATE TABLE told_alerts (
  -- The alerts that were told while a log was followed: others may have stored them as well.
  alert_id TEXT NOT NULL REFERENCES alerts ON DELETE CASCADE,
  log ANY NOT NULL,             -- as in logs, of which there is a row for as long
  PRIMARY KEY (alert_id, log)
) STRICT, WITHOUT ROWID;

-- Until now whatever was known counted as told.
INSERT INTO told_alerts SELECT id, log FROM alerts, logs;

-- The last bytes before outputs.length, by which the file is known again.
ALTER TABLE outputs ADD COLUMN tail BLOB NOT NULL DEFAULT x'';
