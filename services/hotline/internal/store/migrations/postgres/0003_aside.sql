-- What the way beside the straight one brings: work orders, requests to hand back, who is kept out of a ticket, whose a confidential one is, and the
-- columns by which lists and the board tell how that stands. A plain filing writes none of the new tables.
ALTER TABLE tickets ADD COLUMN source TEXT COLLATE "C";
ALTER TABLE tickets ADD COLUMN investment_at_risk BIGINT NOT NULL DEFAULT 0; -- in fen
ALTER TABLE tickets ADD COLUMN jobs_at_risk INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN supervised SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN thin SMALLINT NOT NULL DEFAULT 0; -- its last answer
ALTER TABLE tickets ADD COLUMN returns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN extended INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN extension_time BIGINT;
ALTER TABLE tickets ADD COLUMN extension_decision TEXT COLLATE "C";
ALTER TABLE tickets ADD COLUMN extension_decide_time BIGINT;
ALTER TABLE tickets ADD COLUMN callback TEXT COLLATE "C";
ALTER TABLE tickets ADD COLUMN callback_reason TEXT COLLATE "C";
ALTER TABLE tickets ADD COLUMN callback_time BIGINT;
ALTER TABLE tickets ADD COLUMN dialogue TEXT COLLATE "C";
ALTER TABLE tickets ADD COLUMN dialogue_time BIGINT;
ALTER TABLE tickets ADD COLUMN dialogue_end_time BIGINT;
ALTER TABLE tickets ADD COLUMN dialogue_official TEXT COLLATE "C";
ALTER TABLE tickets ADD COLUMN merged_into TEXT COLLATE "C";
ALTER TABLE tickets ADD COLUMN retained SMALLINT NOT NULL DEFAULT 0;
CREATE INDEX tickets_supervised ON tickets (city, due_time, id) WHERE supervised = 1 AND open = 1;
CREATE INDEX tickets_at_risk ON tickets (city, due_time, id) WHERE investment_at_risk > 0 AND open = 1;
CREATE INDEX tickets_callback ON tickets (city, callback, callback_time, id) WHERE callback IS NOT NULL;
CREATE INDEX tickets_dialogue ON tickets (city, dialogue, dialogue_time, id) WHERE dialogue IS NOT NULL;
CREATE INDEX tickets_dialogue_official ON tickets (city, dialogue_official, create_time, id) WHERE dialogue_official IS NOT NULL;
CREATE INDEX tickets_extended ON tickets (city, extension_time) WHERE extension_time IS NOT NULL;
CREATE INDEX tickets_source ON tickets (city, source) WHERE source IS NOT NULL;

-- Whose a confidential ticket is. A row can be erased while the history, in which none of this is, stands.
CREATE TABLE confidential_filings (
    city       TEXT COLLATE "C" NOT NULL,
    month      INTEGER NOT NULL,
    ticket     TEXT COLLATE "C" NOT NULL,
    person     TEXT COLLATE "C" NOT NULL,
    enterprise TEXT COLLATE "C" NOT NULL,
    project    TEXT COLLATE "C" NOT NULL,
    county     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, month, ticket)
);
CREATE INDEX confidential_filings_person ON confidential_filings (city, person, month, ticket);

-- Who is kept out of a ticket: p:<person> or u:<unit>, which stands for the units below it too.
CREATE TABLE ticket_conflicts (
    city    TEXT COLLATE "C" NOT NULL,
    month   INTEGER NOT NULL,
    ticket  TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, month, ticket, subject)
);
CREATE INDEX ticket_conflicts_subject ON ticket_conflicts (city, subject, month, ticket);

-- One row for each unit's part. shown: its unit may see the ticket for its sake. A due time that does not come is far away, as in tickets.
CREATE TABLE work_orders (
    city              TEXT COLLATE "C" NOT NULL,
    month             INTEGER NOT NULL,
    ticket            TEXT COLLATE "C" NOT NULL,
    number            INTEGER NOT NULL,
    id                TEXT COLLATE "C" NOT NULL, -- ticket/number, by which lists tell equals apart
    unit              TEXT COLLATE "C" NOT NULL,
    official          TEXT COLLATE "C" NOT NULL,
    lead              SMALLINT NOT NULL,
    named             SMALLINT NOT NULL,
    state             TEXT COLLATE "C" NOT NULL,
    open              SMALLINT NOT NULL,
    shown             SMALLINT NOT NULL,
    cycle             INTEGER NOT NULL,
    create_time       BIGINT NOT NULL,
    sign_time         BIGINT,
    end_time          BIGINT,
    due_time          BIGINT NOT NULL,
    sign_due          BIGINT,
    sign_breach_time  BIGINT,
    sign_met_time     BIGINT,
    handle_due        BIGINT,
    handle_breach_time BIGINT,
    handle_met_time   BIGINT,
    PRIMARY KEY (city, month, ticket, number)
);
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
    city         TEXT COLLATE "C" NOT NULL,
    month        INTEGER NOT NULL,
    ticket       TEXT COLLATE "C" NOT NULL,
    number       INTEGER NOT NULL,
    order_number INTEGER NOT NULL, -- 0 for the ticket itself
    unit         TEXT COLLATE "C" NOT NULL,
    official     TEXT COLLATE "C" NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL,
    target       TEXT COLLATE "C" NOT NULL,
    create_time  BIGINT NOT NULL,
    decision     TEXT COLLATE "C" NOT NULL, -- empty while it waits
    decide_time  BIGINT,
    PRIMARY KEY (city, month, ticket, number)
);
CREATE INDEX ticket_returns_created ON ticket_returns (city, create_time, month, ticket);
CREATE INDEX ticket_returns_decided ON ticket_returns (city, decide_time, month, ticket) WHERE decide_time IS NOT NULL;
CREATE INDEX ticket_returns_pending ON ticket_returns (city, month, ticket) WHERE decision = '';
