-- An official bound to an enterprise or a project for a time. Rows are ended, never overwritten or deleted. version, head and
-- changed say where the journal of bindings/{id} stands.
CREATE TABLE bindings (
    city         TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    official     TEXT COLLATE "C" NOT NULL,
    display_name TEXT NOT NULL,
    unit         TEXT COLLATE "C" NOT NULL,
    role         SMALLINT NOT NULL,
    enterprise   TEXT COLLATE "C" NOT NULL,
    project      TEXT COLLATE "C" NOT NULL, -- empty for the whole enterprise
    deputy       TEXT COLLATE "C" NOT NULL,
    start_time   BIGINT NOT NULL,
    end_time     BIGINT,
    active       SMALLINT NOT NULL,
    version      BIGINT NOT NULL,
    head         BYTEA NOT NULL,
    changed      BIGINT NOT NULL,
    PRIMARY KEY (city, id)
);
-- One active primary for each enterprise or project and role, whoever decides what at the same time.
CREATE UNIQUE INDEX bindings_primary ON bindings (city, enterprise, project, role) WHERE active = 1;
CREATE INDEX bindings_official ON bindings (city, official, id);
CREATE INDEX bindings_enterprise ON bindings (city, enterprise, id);

-- What officials said of their presence. Who is not here is there.
CREATE TABLE presences (
    city         TEXT COLLATE "C" NOT NULL,
    official     TEXT COLLATE "C" NOT NULL,
    away         SMALLINT NOT NULL,
    away_until   BIGINT,
    deputy       TEXT COLLATE "C" NOT NULL,
    version      BIGINT NOT NULL,
    head         BYTEA NOT NULL,
    changed      BIGINT NOT NULL,
    PRIMARY KEY (city, official)
);

-- Who is proposed for a ticket or holds it, and where the journal of tickets/{id} stands (version 0: it has none).
CREATE TABLE tickets (
    city         TEXT COLLATE "C" NOT NULL,
    month        INTEGER NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    official     TEXT COLLATE "C" NOT NULL,
    stage        SMALLINT NOT NULL,
    version      BIGINT NOT NULL,
    head         BYTEA NOT NULL,
    changed      BIGINT NOT NULL,
    PRIMARY KEY (city, month, id)
);

-- The load of an official is the number of their rows: open tickets held, and claims.
CREATE TABLE loads (
    city         TEXT COLLATE "C" NOT NULL,
    official     TEXT COLLATE "C" NOT NULL,
    ticket       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, official, ticket)
);

-- The position in the hotline's feed of the last ticket an official was given, so that equals take turns.
CREATE TABLE givings (
    city         TEXT COLLATE "C" NOT NULL,
    official     TEXT COLLATE "C" NOT NULL,
    position     BIGINT NOT NULL,
    PRIMARY KEY (city, official)
);

-- Which configuration of a city is in force. revision is the position in the directory's feed of the last thing that changed
-- who serves the city; bound counts the bindings made. Whoever binds an official guards the revision, whoever takes one out of
-- service guards the count: so neither misses the other.
CREATE TABLE cities (
    city         TEXT COLLATE "C" NOT NULL,
    version      BIGINT NOT NULL,
    revision     BIGINT NOT NULL,
    bound        BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (city)
);

-- The configuration in force, as the directory sent it. It is apart because it is large and read once.
CREATE TABLE city_configs (
    city         TEXT COLLATE "C" NOT NULL,
    config       BYTEA NOT NULL,
    PRIMARY KEY (city)
);

-- Whose a project is.
CREATE TABLE projects (
    city         TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    enterprise   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, id)
);

-- Officials who were dismissed since the configuration came into force.
CREATE TABLE dismissals (
    city         TEXT COLLATE "C" NOT NULL,
    person       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, person)
);

-- What was revoked lately, for a process that starts: as long as a token it concerns could still be good.
CREATE TABLE revocations (
    city         TEXT COLLATE "C" NOT NULL,
    person       TEXT COLLATE "C" NOT NULL,
    session      TEXT COLLATE "C" NOT NULL, -- empty: everything the person was given until then
    at           BIGINT NOT NULL,
    expires      BIGINT NOT NULL,
    PRIMARY KEY (city, person, session)
);
CREATE INDEX revocations_expires ON revocations (expires);
