-- Visits of officials to enterprises, and where the journal of visits/{id} stands.
CREATE TABLE visits (
    city         TEXT NOT NULL,
    id           TEXT NOT NULL,
    official     TEXT NOT NULL,
    display_name TEXT NOT NULL,
    unit         TEXT NOT NULL,
    enterprise   TEXT NOT NULL,
    state        INTEGER NOT NULL,
    visit_time   INTEGER NOT NULL,
    created      INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    head         BLOB NOT NULL,
    changed      INTEGER NOT NULL,
    PRIMARY KEY (city, id)
) WITHOUT ROWID;
CREATE INDEX visits_enterprise ON visits (city, enterprise, visit_time);
CREATE INDEX visits_official ON visits (city, official, id);

-- What was written about a visit. The rows can be erased; the journal keeps a MAC under their key, which goes with them.
CREATE TABLE visit_texts (
    city         TEXT NOT NULL,
    visit        TEXT NOT NULL,
    kind         TEXT NOT NULL, -- purpose, override, notes, problem, cancel
    number       INTEGER NOT NULL,
    body         TEXT NOT NULL,
    secret       BLOB NOT NULL,
    PRIMARY KEY (city, visit, kind, number)
) WITHOUT ROWID;

-- Tickets whose source is a visit, as the hotline says.
CREATE TABLE visit_tickets (
    city         TEXT NOT NULL,
    visit        TEXT NOT NULL,
    ticket       TEXT NOT NULL,
    PRIMARY KEY (city, visit, ticket)
) WITHOUT ROWID;

-- Whether an enterprise wants no visits, and where the journal of enterprises/{id} stands (version 0: it has none). turn counts what was
-- decided about its visits: whoever decides guards it, so that two visits are never planned too near each other.
CREATE TABLE quiets (
    city         TEXT NOT NULL,
    enterprise   TEXT NOT NULL,
    quiet        INTEGER NOT NULL,
    quiet_until  INTEGER,
    reason       TEXT NOT NULL,
    turn         INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    head         BLOB NOT NULL,
    changed      INTEGER NOT NULL,
    PRIMARY KEY (city, enterprise)
) WITHOUT ROWID;
