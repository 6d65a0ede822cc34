-- A ticket as its events left it: the snapshot is what decisions start from, the columns are what lists ask for.
CREATE TABLE tickets (
    city            TEXT COLLATE "C" NOT NULL,
    month           INTEGER          NOT NULL,
    id              TEXT COLLATE "C" NOT NULL,
    number          TEXT COLLATE "C" NOT NULL,
    state           TEXT COLLATE "C" NOT NULL,
    version         BIGINT           NOT NULL,
    hash            BYTEA            NOT NULL,
    snapshot        BYTEA            NOT NULL,
    filer           TEXT COLLATE "C" NOT NULL,
    enterprise      TEXT COLLATE "C" NOT NULL,
    project         TEXT COLLATE "C" NOT NULL,
    category        TEXT COLLATE "C" NOT NULL,
    appeal_type     TEXT COLLATE "C" NOT NULL,
    channel         TEXT COLLATE "C" NOT NULL,
    county          TEXT COLLATE "C" NOT NULL,
    urgency         TEXT COLLATE "C" NOT NULL,
    unit            TEXT COLLATE "C" NOT NULL,
    official        TEXT COLLATE "C" NOT NULL,
    open            SMALLINT         NOT NULL,
    desk            SMALLINT         NOT NULL,
    rung            SMALLINT         NOT NULL,
    cycle           INTEGER          NOT NULL,
    create_time     BIGINT           NOT NULL,
    update_time     BIGINT           NOT NULL,
    due_time        BIGINT           NOT NULL,
    answer_time     BIGINT,
    working_minutes BIGINT,
    close_time      BIGINT,
    close_reason    TEXT COLLATE "C" NOT NULL,
    rate_time       BIGINT,
    verified        SMALLINT         NOT NULL,
    contacted       SMALLINT         NOT NULL,
    solved          SMALLINT         NOT NULL,
    satisfied       TEXT COLLATE "C" NOT NULL,
    provisional     SMALLINT         NOT NULL,
    restricted      SMALLINT         NOT NULL,
    PRIMARY KEY (city, month, id)
);
CREATE INDEX tickets_filer ON tickets (city, filer, create_time, id) WHERE filer <> '';
CREATE INDEX tickets_enterprise ON tickets (city, enterprise, create_time, id) WHERE enterprise <> '';
CREATE INDEX tickets_official ON tickets (city, official, create_time, id) WHERE official <> '';
CREATE INDEX tickets_official_desk ON tickets (city, official, due_time, id) WHERE desk = 1;
CREATE INDEX tickets_unit ON tickets (city, unit, create_time, id);
CREATE INDEX tickets_unit_open ON tickets (city, unit, due_time, id) WHERE open = 1;
CREATE INDEX tickets_open ON tickets (city, due_time, id) WHERE open = 1;
CREATE INDEX tickets_created ON tickets (city, create_time, id);
CREATE INDEX tickets_answered ON tickets (city, answer_time) WHERE answer_time IS NOT NULL;
CREATE INDEX tickets_closed ON tickets (city, close_time) WHERE close_time IS NOT NULL;
CREATE INDEX tickets_rated ON tickets (city, rate_time) WHERE rate_time IS NOT NULL;
CREATE INDEX tickets_provisional ON tickets (city, month, id) WHERE provisional = 1 AND open = 1;

-- One row for each kind of clock a ticket has had: what is owed now, its first breach, its last fulfilment.
CREATE TABLE ticket_clocks (
    city            TEXT COLLATE "C" NOT NULL,
    month           INTEGER          NOT NULL,
    ticket          TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,
    open_due        BIGINT,
    owner_unit      TEXT COLLATE "C" NOT NULL,
    owner_official  TEXT COLLATE "C" NOT NULL,
    breach_time     BIGINT,
    breach_unit     TEXT COLLATE "C" NOT NULL,
    breach_official TEXT COLLATE "C" NOT NULL,
    met_time        BIGINT,
    met_unit        TEXT COLLATE "C" NOT NULL,
    met_official    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, month, ticket, kind)
);
CREATE INDEX ticket_clocks_owed ON ticket_clocks (city, kind, open_due, month, ticket) WHERE open_due IS NOT NULL;
CREATE INDEX ticket_clocks_breached ON ticket_clocks (city, kind, breach_time, month, ticket) WHERE breach_time IS NOT NULL;
CREATE INDEX ticket_clocks_met ON ticket_clocks (city, kind, met_time, month, ticket) WHERE met_time IS NOT NULL;

-- Numbers are unique for ever, whatever becomes of the tickets' partitions.
CREATE TABLE ticket_numbers (
    city            TEXT COLLATE "C" NOT NULL,
    number          TEXT COLLATE "C" NOT NULL,
    ticket          TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, number)
);

-- Everything personal and every free text: rows that can be erased while the history stands. The filing is row 'filing'. Events and
-- snapshots refer to a row by its id, and to its content by an HMAC under the row's own key.
CREATE TABLE contents (
    city            TEXT COLLATE "C" NOT NULL,
    month           INTEGER          NOT NULL,
    ticket          TEXT COLLATE "C" NOT NULL,
    id              TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,
    author          TEXT COLLATE "C" NOT NULL,
    person          TEXT COLLATE "C" NOT NULL,
    create_time     BIGINT           NOT NULL,
    title           TEXT COLLATE "C" NOT NULL,
    body            TEXT COLLATE "C" NOT NULL,
    name            TEXT COLLATE "C" NOT NULL,
    phone           TEXT COLLATE "C" NOT NULL,
    secret          BYTEA            NOT NULL,
    PRIMARY KEY (city, month, ticket, id)
);

-- What an official has answered before, to see an answer sent again and again.
CREATE TABLE answer_texts (
    city            TEXT COLLATE "C" NOT NULL,
    official        TEXT COLLATE "C" NOT NULL,
    likeness        BYTEA            NOT NULL,
    PRIMARY KEY (city, official, likeness)
);

-- Every version of a city's configuration that this service has seen: a decision names its version for ever.
CREATE TABLE city_configs (
    city            TEXT COLLATE "C" NOT NULL,
    version         BIGINT           NOT NULL,
    config          BYTEA            NOT NULL,
    recomputed      SMALLINT         NOT NULL DEFAULT 0, -- whether open deadlines were counted anew under it
    PRIMARY KEY (city, version)
);

CREATE TABLE enterprises (
    city            TEXT COLLATE "C" NOT NULL,
    id              TEXT COLLATE "C" NOT NULL,
    county          TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, id)
);

-- Sign-ins withdrawn before their tokens expired, so that a restart does not bring them back. Times are of the wall clock.
CREATE TABLE revocations (
    city    TEXT COLLATE "C" NOT NULL,
    person  TEXT COLLATE "C" NOT NULL,
    session TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    PRIMARY KEY (city, person, session)
);
