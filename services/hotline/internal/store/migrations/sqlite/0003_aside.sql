-- What the way beside the straight one brings: work orders, requests to hand back, who is kept out of a ticket, whose a confidential one is, and the
-- columns by which lists and the board tell how that stands. A plain filing writes none of the new tables.
ALTER TABLE tickets ADD COLUMN source TEXT;
ALTER TABLE tickets ADD COLUMN investment_at_risk INTEGER NOT NULL DEFAULT 0; -- in fen
ALTER TABLE tickets ADD COLUMN jobs_at_risk INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN supervised INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN thin INTEGER NOT NULL DEFAULT 0; -- its last answer
ALTER TABLE tickets ADD COLUMN returns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN extended INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN extension_time INTEGER;
ALTER TABLE tickets ADD COLUMN extension_decision TEXT;
ALTER TABLE tickets ADD COLUMN extension_decide_time INTEGER;
ALTER TABLE tickets ADD COLUMN callback TEXT;
ALTER TABLE tickets ADD COLUMN callback_reason TEXT;
ALTER TABLE tickets ADD COLUMN callback_time INTEGER;
ALTER TABLE tickets ADD COLUMN dialogue TEXT;
ALTER TABLE tickets ADD COLUMN dialogue_time INTEGER;
ALTER TABLE tickets ADD COLUMN dialogue_end_time INTEGER;
ALTER TABLE tickets ADD COLUMN dialogue_official TEXT;
ALTER TABLE tickets ADD COLUMN merged_into TEXT;
ALTER TABLE tickets ADD COLUMN retained INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tickets_supervised ON tickets (city, due_time, id) WHERE supervised = 1 AND open = 1;
CREATE INDEX tickets_at_risk ON tickets (city, due_time, id) WHERE investment_at_risk > 0 AND open = 1;
CREATE INDEX tickets_callback ON tickets (city, callback, callback_time, id) WHERE callback IS NOT NULL;
CREATE INDEX tickets_dialogue ON tickets (city, dialogue, dialogue_time, id) WHERE dialogue IS NOT NULL;
CREATE INDEX tickets_dialogue_official ON tickets (city, dialogue_official, create_time, id) WHERE dialogue_official IS NOT NULL;
CREATE INDEX tickets_extended ON tickets (city, extension_time) WHERE extension_time IS NOT NULL;
CREATE INDEX tickets_source ON tickets (city, source) WHERE source IS NOT NULL;

-- Whose a confidential ticket is. A row can be erased while the history, in which none of this is, stands.
CREATE TABLE confidential_filings (
    city       TEXT NOT NULL,
    month      INTEGER NOT NULL,
    ticket     TEXT NOT NULL,
    person     TEXT NOT NULL,
    enterprise TEXT NOT NULL,
    project    TEXT NOT NULL,
    county     TEXT NOT NULL,
    PRIMARY KEY (city, month, ticket)
) WITHOUT ROWID;
CREATE INDEX confidential_filings_person ON confidential_filings (city, person, month, ticket);

-- Who is kept out of a ticket: p:<person> or u:<unit>, which stands for the units below it too.
CREATE TABLE ticket_conflicts (
    city    TEXT NOT NULL,
    month   INTEGER NOT NULL,
    ticket  TEXT NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (city, month, ticket, subject)
) WITHOUT ROWID;
CREATE INDEX ticket_conflicts_subject ON ticket_conflicts (city, subject, month, ticket);

-- One row for each unit's part. shown: its unit may see the ticket for its sake. A due time that does not come is far away, as in tickets.
CREATE TABLE work_orders (
    city              TEXT NOT NULL,
    month             INTEGER NOT NULL,
    ticket            TEXT NOT NULL,
    number            INTEGER NOT NULL,
    id                TEXT NOT NULL, -- ticket/number, by which lists tell equals apart
    unit              TEXT NOT NULL,
    official          TEXT NOT NULL,
    lead              INTEGER NOT NULL,
    named             INTEGER NOT NULL,
    state             TEXT NOT NULL,
    open              INTEGER NOT NULL,
    shown             INTEGER NOT NULL,
    cycle             INTEGER NOT NULL,
    create_time       INTEGER NOT NULL,
    sign_time         INTEGER,
    end_time          INTEGER,
    due_time          INTEGER NOT NULL,
    sign_due          INTEGER,
    sign_breach_time  INTEGER,
    sign_met_time     INTEGER,
    handle_due        INTEGER,
    handle_breach_time INTEGER,
    handle_met_time   INTEGER,
    PRIMARY KEY (city, month, ticket, number)
) WITHOUT ROWID;
CREATE INDEX work_orders_unit_due ON work_orders (city, unit, due_time, id);
CREATE INDEX work_orders_unit ON work_orders (city, unit, create_time, id);
CREATE INDEX work_orders_unit_shown ON work_orders (city, unit, month, ticket) WHERE shown = 1;
CREATE INDEX work_orders_due ON work_orders (city, due_time, id);
CREATE INDEX work_orders_created ON work_orders (city, create_time, id);
CREATE INDEX work_orders_sign_breached ON work_orders (city, sign_breach_time) WHERE sign_breach_time IS NOT NULL;
CREATE INDEX work_orders_handle_breached ON work_orders (city, handle_breach_time) WHERE handle_breach_time IS NOT NULL;
CREATE INDEX work_orders_handle_met ON work_orders (city, handle_met_time) WHERE handle_met_time IS NOT NULL;

-- One row for each request to hand a ticket, or a work order, back.
CREATE TABLE ticket_returns (
    city         TEXT NOT NULL,
    month        INTEGER NOT NULL,
    ticket       TEXT NOT NULL,
    number       INTEGER NOT NULL,
    order_number INTEGER NOT NULL, -- 0 for the ticket itself
    unit         TEXT NOT NULL,
    official     TEXT NOT NULL,
    reason       TEXT NOT NULL,
    target       TEXT NOT NULL,
    create_time  INTEGER NOT NULL,
    decision     TEXT NOT NULL, -- empty while it waits
    decide_time  INTEGER,
    PRIMARY KEY (city, month, ticket, number)
) WITHOUT ROWID;
CREATE INDEX ticket_returns_created ON ticket_returns (city, create_time, month, ticket);
CREATE INDEX ticket_returns_decided ON ticket_returns (city, decide_time, month, ticket) WHERE decide_time IS NOT NULL;
CREATE INDEX ticket_returns_pending ON ticket_returns (city, month, ticket) WHERE decision = '';

-- What the planner should take for granted, as in the first migration.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('tickets', 'tickets_supervised', '500 500 1 1'),
    ('tickets', 'tickets_at_risk', '3000 3000 1 1'),
    ('tickets', 'tickets_callback', '300000 300000 60000 1 1'),
    ('tickets', 'tickets_dialogue', '20000 20000 4000 1 1'),
    ('tickets', 'tickets_dialogue_official', '20000 20000 200 1 1'),
    ('tickets', 'tickets_extended', '100000 100000 1'),
    ('tickets', 'tickets_source', '50000 50000 2'),
    ('confidential_filings', 'confidential_filings', '10000 10000 500 1'),
    ('confidential_filings', 'confidential_filings_person', '10000 10000 2 2 1'),
    ('ticket_conflicts', 'ticket_conflicts', '10000 10000 500 3 1'),
    ('ticket_conflicts', 'ticket_conflicts_subject', '10000 10000 50 20 1'),
    ('work_orders', 'work_orders', '500000 500000 25000 2 1'),
    ('work_orders', 'work_orders_unit_due', '500000 500000 10000 1 1'),
    ('work_orders', 'work_orders_unit', '500000 500000 10000 1 1'),
    ('work_orders', 'work_orders_unit_shown', '400000 400000 8000 400 1'),
    ('work_orders', 'work_orders_due', '500000 500000 1 1'),
    ('work_orders', 'work_orders_created', '500000 500000 1 1'),
    ('work_orders', 'work_orders_sign_breached', '50000 50000 1'),
    ('work_orders', 'work_orders_handle_breached', '50000 50000 1'),
    ('work_orders', 'work_orders_handle_met', '400000 400000 1'),
    ('ticket_returns', 'ticket_returns', '50000 50000 2500 1 1'),
    ('ticket_returns', 'ticket_returns_created', '50000 50000 1 1 1'),
    ('ticket_returns', 'ticket_returns_decided', '50000 50000 1 1 1'),
    ('ticket_returns', 'ticket_returns_pending', '500 500 25 1');
