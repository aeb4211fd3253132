package store

import (
	"fmt"
)

// applicationID marks the file as a store of zol0 (file(1) shows it): "ZoL0".
const applicationID = 0x5a6f4c30

// pageSize is SQLite's usual one. Frames and chunks fit one page each.
const pageSize = 4096

// migrations bring the schema from one version to the next. They only go forward, each in
// one transaction with the version it makes, and never change once released.
var migrations = []string{
	1: `
CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE owner(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, labels TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE UNIQUE INDEX owner_labels ON owner(kind, labels);
CREATE INDEX owner_last ON owner(kind, last);
CREATE TABLE frame(slot INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, k INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE chunk(k INTEGER PRIMARY KEY, tier INTEGER NOT NULL, n INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL,
	first REAL NOT NULL, last REAL NOT NULL, min REAL NOT NULL, max REAL NOT NULL, sum REAL NOT NULL, data BLOB NOT NULL);
CREATE TABLE day(k INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE event(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE detector(owner TEXT PRIMARY KEY, at INTEGER NOT NULL, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE aside(id INTEGER PRIMARY KEY, name TEXT NOT NULL, k INTEGER NOT NULL, why TEXT NOT NULL, data BLOB);
`,
	// What is received from other hosts: its log, and when its series were seen to end.
	2: `
CREATE TABLE received(id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE stale(series INTEGER NOT NULL, t INTEGER NOT NULL, PRIMARY KEY(series, t)) WITHOUT ROWID;
CREATE INDEX stale_t ON stale(t);
`,
}

// schemaVersion is what this version of zol0 writes.
var schemaVersion = int64(len(migrations) - 1)

// version is that of the schema; 0 is an empty file. A file of another program is refused,
// and one of a newer zol0: it would be read wrongly.
func (c *connection) version() (int64, error) {
	id, err := c.pragma("application_id")
	if err != nil {
		return 0, err
	}
	version, err := c.pragma("user_version")
	if err != nil {
		return 0, err
	}
	foreign := id != applicationID
	if version == 0 && id == 0 {
		tables, err := c.number("SELECT count(*) FROM sqlite_schema")
		if err != nil {
			return 0, err
		}
		foreign = tables > 0
	}
	switch {
	case foreign:
		return 0, &Error{Thing: "store " + c.path, Err: errForeign, Hint: "it is another program's database; name another directory with --data"}
	case version > schemaVersion:
		return 0, &Error{Thing: "store " + c.path, Err: fmt.Errorf("%w (schema %d, this one knows %d)", ErrNewer, version, schemaVersion),
			Hint: "use that version of zol0, or name another directory with --data; nothing was changed"}
	}
	return version, nil
}

// migrate brings the schema up to date.
func (c *connection) migrate(version int64) error {
	for v := version + 1; v <= schemaVersion; v++ {
		text := fmt.Sprintf("BEGIN IMMEDIATE; %s PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT", migrations[v], applicationID, v)
		if err := c.db.Exec(text); err != nil {
			return fmt.Errorf("cannot bring store %s from schema %d to %d: %w", c.path, v-1, v, err)
		}
	}
	return nil
}
