-- Visits of officials to enterprises, and where the journal of visits/{id} stands.
CREATE TABLE visits (
    city         TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    official     TEXT COLLATE "C" NOT NULL,
    display_name TEXT NOT NULL,
    unit         TEXT COLLATE "C" NOT NULL,
    enterprise   TEXT COLLATE "C" NOT NULL,
    state        SMALLINT NOT NULL,
    visit_time   BIGINT NOT NULL,
    created      BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    head         BYTEA NOT NULL,
    changed      BIGINT NOT NULL,
    PRIMARY KEY (city, id)
);
CREATE INDEX visits_enterprise ON visits (city, enterprise, visit_time);
CREATE INDEX visits_official ON visits (city, official, id);

-- What was written about a visit. The rows can be erased; the journal keeps a MAC under their key, which goes with them.
CREATE TABLE visit_texts (
    city         TEXT COLLATE "C" NOT NULL,
    visit        TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL, -- purpose, override, notes, problem, cancel
    number       INTEGER NOT NULL,
    body         TEXT NOT NULL,
    secret       BYTEA NOT NULL,
    PRIMARY KEY (city, visit, kind, number)
);

-- Tickets whose source is a visit, as the hotline says.
CREATE TABLE visit_tickets (
    city         TEXT COLLATE "C" NOT NULL,
    visit        TEXT COLLATE "C" NOT NULL,
    ticket       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, visit, ticket)
);

-- Whether an enterprise wants no visits, and where the journal of enterprises/{id} stands (version 0: it has none). turn counts what was
-- decided about its visits: whoever decides guards it, so that two visits are never planned too near each other.
CREATE TABLE quiets (
    city         TEXT COLLATE "C" NOT NULL,
    enterprise   TEXT COLLATE "C" NOT NULL,
    quiet        SMALLINT NOT NULL,
    quiet_until  BIGINT,
    reason       TEXT NOT NULL,
    turn         BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    head         BYTEA NOT NULL,
    changed      BIGINT NOT NULL,
    PRIMARY KEY (city, enterprise)
);
