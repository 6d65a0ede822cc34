-- The journal is the feed: the one writer numbers events as it commits them, so a position is a row id.
CREATE TABLE journal (
    position  INTEGER PRIMARY KEY,
    city      TEXT    NOT NULL,
    month     INTEGER NOT NULL,
    aggregate TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    envelope  BLOB    NOT NULL,
    hash      BLOB    NOT NULL,
    previous  BLOB    NOT NULL
);
CREATE UNIQUE INDEX journal_place ON journal (city, month, aggregate, version);

CREATE TRIGGER journal_keeps_rows BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER journal_keeps_content BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;

CREATE VIEW feed AS SELECT position, city, aggregate, version, month FROM journal;

CREATE TABLE due (
    city         TEXT    NOT NULL,
    aggregate    TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    leased_until INTEGER NOT NULL DEFAULT 0,
    attempts     INTEGER NOT NULL DEFAULT 0,
    set_aside    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (city, aggregate)
) WITHOUT ROWID;
CREATE INDEX due_waiting ON due (at, city, aggregate) WHERE set_aside = 0;
CREATE INDEX due_set_aside ON due (at) WHERE set_aside = 1;

CREATE TABLE request_seen (
    city      TEXT NOT NULL,
    person    TEXT NOT NULL,
    method    TEXT NOT NULL,
    id        TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    resource  TEXT NOT NULL,
    expires   INTEGER,
    PRIMARY KEY (city, person, method, id)
) WITHOUT ROWID;
CREATE INDEX request_seen_expiring ON request_seen (expires) WHERE expires IS NOT NULL;

CREATE TABLE feed_cursor (
    consumer TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) WITHOUT ROWID;
