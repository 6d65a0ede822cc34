-- A ticket as its events left it: the snapshot is what decisions start from, the columns are what lists ask for.
CREATE TABLE tickets (
    city            TEXT    NOT NULL,
    month           INTEGER NOT NULL,
    id              TEXT    NOT NULL,
    number          TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    hash            BLOB    NOT NULL,
    snapshot        BLOB    NOT NULL,
    filer           TEXT    NOT NULL,
    enterprise      TEXT    NOT NULL,
    project         TEXT    NOT NULL,
    category        TEXT    NOT NULL,
    appeal_type     TEXT    NOT NULL,
    channel         TEXT    NOT NULL,
    county          TEXT    NOT NULL,
    urgency         TEXT    NOT NULL,
    unit            TEXT    NOT NULL,
    official        TEXT    NOT NULL,
    open            INTEGER NOT NULL,
    desk            INTEGER NOT NULL,
    rung            INTEGER NOT NULL,
    cycle           INTEGER NOT NULL,
    create_time     INTEGER NOT NULL,
    update_time     INTEGER NOT NULL,
    due_time        INTEGER NOT NULL,
    answer_time     INTEGER,
    working_minutes INTEGER,
    close_time      INTEGER,
    close_reason    TEXT    NOT NULL,
    rate_time       INTEGER,
    verified        INTEGER NOT NULL,
    contacted       INTEGER NOT NULL,
    solved          INTEGER NOT NULL,
    satisfied       TEXT    NOT NULL,
    provisional     INTEGER NOT NULL,
    restricted      INTEGER NOT NULL,
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
    city            TEXT    NOT NULL,
    month           INTEGER NOT NULL,
    ticket          TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    open_due        INTEGER,
    owner_unit      TEXT    NOT NULL,
    owner_official  TEXT    NOT NULL,
    breach_time     INTEGER,
    breach_unit     TEXT    NOT NULL,
    breach_official TEXT    NOT NULL,
    met_time        INTEGER,
    met_unit        TEXT    NOT NULL,
    met_official    TEXT    NOT NULL,
    PRIMARY KEY (city, month, ticket, kind)
) WITHOUT ROWID;
CREATE INDEX ticket_clocks_owed ON ticket_clocks (city, kind, open_due, month, ticket) WHERE open_due IS NOT NULL;
CREATE INDEX ticket_clocks_breached ON ticket_clocks (city, kind, breach_time, month, ticket) WHERE breach_time IS NOT NULL;
CREATE INDEX ticket_clocks_met ON ticket_clocks (city, kind, met_time, month, ticket) WHERE met_time IS NOT NULL;

-- Numbers are unique for ever, whatever becomes of the tickets' partitions.
CREATE TABLE ticket_numbers (
    city   TEXT NOT NULL,
    number TEXT NOT NULL,
    ticket TEXT NOT NULL,
    PRIMARY KEY (city, number)
) WITHOUT ROWID;

-- Everything personal and every free text: rows that can be erased while the history stands. The filing is row 'filing'. Events and
-- snapshots refer to a row by its id, and to its content by an HMAC under the row's own key.
CREATE TABLE contents (
    city        TEXT    NOT NULL,
    month       INTEGER NOT NULL,
    ticket      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    author      TEXT    NOT NULL,
    person      TEXT    NOT NULL,
    create_time INTEGER NOT NULL,
    title       TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    phone       TEXT    NOT NULL,
    secret      BLOB    NOT NULL,
    PRIMARY KEY (city, month, ticket, id)
);

-- What an official has answered before, to see an answer sent again and again.
CREATE TABLE answer_texts (
    city     TEXT NOT NULL,
    official TEXT NOT NULL,
    likeness BLOB NOT NULL,
    PRIMARY KEY (city, official, likeness)
) WITHOUT ROWID;

-- Every version of a city's configuration that this service has seen: a decision names its version for ever.
CREATE TABLE city_configs (
    city       TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    config     BLOB    NOT NULL,
    recomputed INTEGER NOT NULL DEFAULT 0, -- whether open deadlines were counted anew under it
    PRIMARY KEY (city, version)
);

CREATE TABLE enterprises (
    city   TEXT NOT NULL,
    id     TEXT NOT NULL,
    county TEXT NOT NULL,
    PRIMARY KEY (city, id)
) WITHOUT ROWID;

-- Sign-ins withdrawn before their tokens expired, so that a restart does not bring them back. Times are of the wall clock.
CREATE TABLE revocations (
    city    TEXT NOT NULL,
    person  TEXT NOT NULL,
    session TEXT NOT NULL,
    at      INTEGER NOT NULL,
    until   INTEGER NOT NULL,
    PRIMARY KEY (city, person, session)
) WITHOUT ROWID;

-- What the planner should take for granted: a city has a million tickets, a person a few. Without it SQLite believes that a city is as
-- selective as a person and walks through all tickets in the order asked for. Fixed here, so that plans do not depend on who ran ANALYZE when.
ANALYZE;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('tickets', 'sqlite_autoindex_tickets_1', '1000000 1000000 50000 1'),
    ('tickets', 'tickets_filer', '1000000 1000000 5 1 1'),
    ('tickets', 'tickets_enterprise', '1000000 1000000 20 1 1'),
    ('tickets', 'tickets_official', '1000000 1000000 5000 1 1'),
    ('tickets', 'tickets_official_desk', '20000 20000 20 1 1'),
    ('tickets', 'tickets_unit', '1000000 1000000 20000 1 1'),
    ('tickets', 'tickets_unit_open', '30000 30000 500 1 1'),
    ('tickets', 'tickets_open', '30000 30000 1 1'),
    ('tickets', 'tickets_created', '1000000 1000000 1 1'),
    ('tickets', 'tickets_answered', '1000000 1000000 1'),
    ('tickets', 'tickets_closed', '1000000 1000000 1'),
    ('tickets', 'tickets_rated', '1000000 1000000 1'),
    ('tickets', 'tickets_provisional', '5000 5000 1000 1'),
    ('ticket_clocks', 'ticket_clocks', '4000000 4000000 200000 4 1'),
    ('ticket_clocks', 'ticket_clocks_owed', '90000 90000 20000 2 2 1'),
    ('ticket_clocks', 'ticket_clocks_breached', '500000 500000 100000 2 2 1'),
    ('ticket_clocks', 'ticket_clocks_met', '4000000 4000000 1000000 2 2 1'),
    ('contents', 'sqlite_autoindex_contents_1', '5000000 5000000 250000 5 1');
