-- An official bound to an enterprise or a project for a time. Rows are ended, never overwritten or deleted. version, head and
-- changed say where the journal of bindings/{id} stands.
CREATE TABLE bindings (
    city         TEXT NOT NULL,
    id           TEXT NOT NULL,
    official     TEXT NOT NULL,
    display_name TEXT NOT NULL,
    unit         TEXT NOT NULL,
    role         INTEGER NOT NULL,
    enterprise   TEXT NOT NULL,
    project      TEXT NOT NULL, -- empty for the whole enterprise
    deputy       TEXT NOT NULL,
    start_time   INTEGER NOT NULL,
    end_time     INTEGER,
    active       INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    head         BLOB NOT NULL,
    changed      INTEGER NOT NULL,
    PRIMARY KEY (city, id)
) WITHOUT ROWID;
-- One active primary for each enterprise or project and role, whoever decides what at the same time.
CREATE UNIQUE INDEX bindings_primary ON bindings (city, enterprise, project, role) WHERE active = 1;
CREATE INDEX bindings_official ON bindings (city, official, id);
CREATE INDEX bindings_enterprise ON bindings (city, enterprise, id);

-- What officials said of their presence. Who is not here is there.
CREATE TABLE presences (
    city         TEXT NOT NULL,
    official     TEXT NOT NULL,
    away         INTEGER NOT NULL,
    away_until   INTEGER,
    deputy       TEXT NOT NULL,
    version      INTEGER NOT NULL,
    head         BLOB NOT NULL,
    changed      INTEGER NOT NULL,
    PRIMARY KEY (city, official)
) WITHOUT ROWID;

-- Who is proposed for a ticket or holds it, and where the journal of tickets/{id} stands (version 0: it has none).
CREATE TABLE tickets (
    city         TEXT NOT NULL,
    month        INTEGER NOT NULL,
    id           TEXT NOT NULL,
    official     TEXT NOT NULL,
    stage        INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    head         BLOB NOT NULL,
    changed      INTEGER NOT NULL,
    PRIMARY KEY (city, month, id)
) WITHOUT ROWID;

-- The load of an official is the number of their rows: open tickets held, and claims.
CREATE TABLE loads (
    city         TEXT NOT NULL,
    official     TEXT NOT NULL,
    ticket       TEXT NOT NULL,
    PRIMARY KEY (city, official, ticket)
) WITHOUT ROWID;

-- The position in the hotline's feed of the last ticket an official was given, so that equals take turns.
CREATE TABLE givings (
    city         TEXT NOT NULL,
    official     TEXT NOT NULL,
    position     INTEGER NOT NULL,
    PRIMARY KEY (city, official)
) WITHOUT ROWID;

-- Which configuration of a city is in force. revision is the position in the directory's feed of the last thing that changed
-- who serves the city; bound counts the bindings made. Whoever binds an official guards the revision, whoever takes one out of
-- service guards the count: so neither misses the other.
CREATE TABLE cities (
    city         TEXT NOT NULL,
    version      INTEGER NOT NULL,
    revision     INTEGER NOT NULL,
    bound        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (city)
) WITHOUT ROWID;

-- The configuration in force, as the directory sent it. It is apart because it is large and read once.
CREATE TABLE city_configs (
    city         TEXT NOT NULL,
    config       BLOB NOT NULL,
    PRIMARY KEY (city)
);

-- Whose a project is.
CREATE TABLE projects (
    city         TEXT NOT NULL,
    id           TEXT NOT NULL,
    enterprise   TEXT NOT NULL,
    PRIMARY KEY (city, id)
) WITHOUT ROWID;

-- Officials who were dismissed since the configuration came into force.
CREATE TABLE dismissals (
    city         TEXT NOT NULL,
    person       TEXT NOT NULL,
    PRIMARY KEY (city, person)
) WITHOUT ROWID;

-- What was revoked lately, for a process that starts: as long as a token it concerns could still be good.
CREATE TABLE revocations (
    city         TEXT NOT NULL,
    person       TEXT NOT NULL,
    session      TEXT NOT NULL, -- empty: everything the person was given until then
    at           INTEGER NOT NULL,
    expires      INTEGER NOT NULL,
    PRIMARY KEY (city, person, session)
) WITHOUT ROWID;
CREATE INDEX revocations_expires ON revocations (expires);
