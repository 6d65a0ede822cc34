-- A case as its events left it: the snapshot is what decisions start from, the columns are what lists ask for. A due time that does not come is far away
-- rather than NULL, as in every column that lists are ordered by.
CREATE TABLE cases (
    city             TEXT COLLATE "C" NOT NULL,
    month            INTEGER          NOT NULL,
    id               TEXT COLLATE "C" NOT NULL,
    number           TEXT COLLATE "C" NOT NULL,
    state            TEXT COLLATE "C" NOT NULL,
    version          BIGINT           NOT NULL,
    hash             BYTEA            NOT NULL,
    snapshot         BYTEA            NOT NULL,
    open             SMALLINT         NOT NULL,
    enterprise       TEXT COLLATE "C" NOT NULL,
    project          TEXT COLLATE "C" NOT NULL,
    county           TEXT COLLATE "C" NOT NULL,
    opener           TEXT COLLATE "C" NOT NULL,
    opener_unit      TEXT COLLATE "C" NOT NULL, -- empty when the enterprise opened it
    eligibility      TEXT COLLATE "C" NOT NULL,
    config_version   BIGINT           NOT NULL,
    stage            TEXT COLLATE "C" NOT NULL, -- empty when nothing of the four stages is waited for
    entrusted        SMALLINT         NOT NULL,
    provisional      SMALLINT         NOT NULL,
    meetings         INTEGER          NOT NULL,
    saved_workdays   INTEGER          NOT NULL,
    plan_finish_time BIGINT           NOT NULL,
    create_time      BIGINT           NOT NULL,
    update_time      BIGINT           NOT NULL,
    due_time         BIGINT           NOT NULL,
    admit_time       BIGINT,
    end_time         BIGINT,
    PRIMARY KEY (city, month, id)
);
CREATE INDEX cases_opener ON cases (city, opener, create_time, id) WHERE opener_unit = '';
CREATE INDEX cases_opener_unit ON cases (city, opener_unit, create_time, id);
CREATE INDEX cases_enterprise ON cases (city, enterprise, create_time, id);
CREATE INDEX cases_project ON cases (city, project, create_time, id);
CREATE INDEX cases_county ON cases (city, county, create_time, id);
CREATE INDEX cases_state ON cases (city, state, create_time, id);
CREATE INDEX cases_stage ON cases (city, stage, create_time, id);
CREATE INDEX cases_open ON cases (city, create_time, id) WHERE open = 1;
CREATE INDEX cases_open_due ON cases (city, due_time, id) WHERE open = 1;
CREATE INDEX cases_created ON cases (city, create_time, id);
CREATE INDEX cases_updated ON cases (city, update_time, id);
CREATE INDEX cases_due ON cases (city, due_time, id);
CREATE INDEX cases_admitted ON cases (city, admit_time) WHERE admit_time IS NOT NULL;
CREATE INDEX cases_ended ON cases (city, end_time) WHERE end_time IS NOT NULL;
CREATE INDEX cases_provisional ON cases (city, month, id) WHERE provisional = 1;

-- Numbers are unique for ever, whatever becomes of the cases' partitions.
CREATE TABLE case_numbers (
    city    TEXT COLLATE "C" NOT NULL,
    number  TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, number)
);

-- Who takes part in a case beside its enterprise: u:<unit> that decides something of it, was asked about it or opened it, p:<person> who is its agent now. The
-- columns that lists are ordered by are repeated here, so that a unit's first rows are found without its others.
CREATE TABLE case_parties (
    city        TEXT COLLATE "C" NOT NULL,
    month       INTEGER          NOT NULL,
    case_id     TEXT COLLATE "C" NOT NULL,
    party       TEXT COLLATE "C" NOT NULL,
    create_time BIGINT           NOT NULL,
    update_time BIGINT           NOT NULL,
    due_time    BIGINT           NOT NULL,
    PRIMARY KEY (city, month, case_id, party)
);
CREATE INDEX case_parties_created ON case_parties (city, party, create_time, case_id);
CREATE INDEX case_parties_updated ON case_parties (city, party, update_time, case_id);
CREATE INDEX case_parties_due ON case_parties (city, party, due_time, case_id);

-- One row for each item of a case: a unit's desk. What is owed, or will count as stuck, is little of all: the indexes of those times leave out the far away.
CREATE TABLE case_items (
    city               TEXT COLLATE "C" NOT NULL,
    month              INTEGER          NOT NULL,
    case_id            TEXT COLLATE "C" NOT NULL,
    item               TEXT COLLATE "C" NOT NULL, -- code of the catalogue
    id                 TEXT COLLATE "C" NOT NULL, -- case/item, by which lists tell equals apart
    enterprise         TEXT COLLATE "C" NOT NULL,
    opener_unit        TEXT COLLATE "C" NOT NULL,
    unit               TEXT COLLATE "C" NOT NULL,
    stage              TEXT COLLATE "C" NOT NULL,
    kind               TEXT COLLATE "C" NOT NULL,
    state              TEXT COLLATE "C" NOT NULL,
    open               SMALLINT         NOT NULL, -- lies with its unit, or waits for a correction
    attempt            INTEGER          NOT NULL,
    tolerant           SMALLINT         NOT NULL,
    on_promise         SMALLINT         NOT NULL,
    critical           SMALLINT         NOT NULL,
    late               SMALLINT         NOT NULL,
    state_time         BIGINT           NOT NULL,
    submit_time        BIGINT           NOT NULL,
    promised_due_time  BIGINT           NOT NULL,
    statutory_due_time BIGINT           NOT NULL,
    due_time           BIGINT           NOT NULL,
    stuck_time         BIGINT           NOT NULL,
    accept_time        BIGINT,
    decide_time        BIGINT,
    promised_workdays  INTEGER          NOT NULL,
    workdays           INTEGER          NOT NULL,
    PRIMARY KEY (city, month, case_id, item)
);
CREATE INDEX case_items_unit ON case_items (city, unit, promised_due_time, id);
CREATE INDEX case_items_unit_open ON case_items (city, unit, promised_due_time, id) WHERE open = 1;
CREATE INDEX case_items_unit_state ON case_items (city, unit, state, promised_due_time, id);
CREATE INDEX case_items_unit_submitted ON case_items (city, unit, submit_time, id);
CREATE INDEX case_items_unit_moved ON case_items (city, unit, state_time, id);
CREATE INDEX case_items_unit_due ON case_items (city, unit, due_time, id) WHERE due_time < 4611686018427387904;
CREATE INDEX case_items_promised ON case_items (city, promised_due_time, id);
CREATE INDEX case_items_open ON case_items (city, promised_due_time, id) WHERE open = 1;
CREATE INDEX case_items_state ON case_items (city, state, promised_due_time, id);
CREATE INDEX case_items_submitted ON case_items (city, submit_time, id);
CREATE INDEX case_items_moved ON case_items (city, state_time, id);
CREATE INDEX case_items_due ON case_items (city, due_time, id) WHERE due_time < 4611686018427387904;
CREATE INDEX case_items_stuck ON case_items (city, stuck_time, id) WHERE stuck_time < 4611686018427387904;
CREATE INDEX case_items_enterprise ON case_items (city, enterprise, promised_due_time, id);
CREATE INDEX case_items_opener_unit ON case_items (city, opener_unit, promised_due_time, id) WHERE opener_unit <> '';
CREATE INDEX case_items_code ON case_items (city, item, promised_due_time, id);
CREATE INDEX case_items_critical ON case_items (city, promised_due_time, id) WHERE critical = 1 AND open = 1;
CREATE INDEX case_items_late ON case_items (city, promised_due_time, id) WHERE late = 1;
CREATE INDEX case_items_tolerant ON case_items (city, promised_due_time, id) WHERE tolerant = 1;
CREATE INDEX case_items_accepted ON case_items (city, accept_time) WHERE accept_time IS NOT NULL;
CREATE INDEX case_items_decided ON case_items (city, decide_time) WHERE decide_time IS NOT NULL;

-- Deadlines that passed, of whatever attempt. None ever goes away. unit is empty when the enterprise owed, item when it was owed of the whole case.
CREATE TABLE case_breaches (
    city        TEXT COLLATE "C" NOT NULL,
    month       INTEGER          NOT NULL,
    case_id     TEXT COLLATE "C" NOT NULL,
    clock       INTEGER          NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    item        TEXT COLLATE "C" NOT NULL,
    unit        TEXT COLLATE "C" NOT NULL,
    breach_time BIGINT           NOT NULL,
    PRIMARY KEY (city, month, case_id, clock)
);
CREATE INDEX case_breaches_time ON case_breaches (city, kind, breach_time, month, case_id, item);
CREATE INDEX case_breaches_unit ON case_breaches (city, unit, breach_time, month, case_id, item);

-- What enterprises promised: the calendar of what is outstanding, and the credit record.
CREATE TABLE commitments (
    city        TEXT COLLATE "C" NOT NULL,
    month       INTEGER          NOT NULL,
    case_id     TEXT COLLATE "C" NOT NULL,
    number      INTEGER          NOT NULL,
    id          TEXT COLLATE "C" NOT NULL, -- case/number, by which lists tell equals apart
    enterprise  TEXT COLLATE "C" NOT NULL,
    opener_unit TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    item        TEXT COLLATE "C" NOT NULL,
    unit        TEXT COLLATE "C" NOT NULL, -- that decides the item
    state       TEXT COLLATE "C" NOT NULL,
    broken      SMALLINT         NOT NULL,
    bars        SMALLINT         NOT NULL, -- broken and not repaired
    sign_time   BIGINT           NOT NULL,
    due_time    BIGINT           NOT NULL,
    end_time    BIGINT           NOT NULL,
    repair_time BIGINT,
    PRIMARY KEY (city, month, case_id, number)
);
CREATE INDEX commitments_due ON commitments (city, due_time, id);
CREATE INDEX commitments_signed ON commitments (city, sign_time, id);
CREATE INDEX commitments_ended ON commitments (city, end_time, id);
CREATE INDEX commitments_state ON commitments (city, state, due_time, id);
CREATE INDEX commitments_enterprise ON commitments (city, enterprise, due_time, id);
CREATE INDEX commitments_opener_unit ON commitments (city, opener_unit, due_time, id) WHERE opener_unit <> '';
CREATE INDEX commitments_unit ON commitments (city, unit, due_time, id);
CREATE INDEX commitments_bars ON commitments (city, end_time, id) WHERE bars = 1;

-- Certificates, by the number printed on them: anybody who has one can ask whether it holds.
CREATE TABLE certificates (
    city         TEXT COLLATE "C" NOT NULL,
    number       TEXT COLLATE "C" NOT NULL,
    month        INTEGER          NOT NULL,
    case_id      TEXT COLLATE "C" NOT NULL,
    item         TEXT COLLATE "C" NOT NULL,
    document     TEXT COLLATE "C" NOT NULL,
    check_sha256 BYTEA            NOT NULL, -- of the check code
    valid_from   TEXT COLLATE "C" NOT NULL,
    valid_until  TEXT COLLATE "C" NOT NULL, -- empty for no end
    issue_time   BIGINT           NOT NULL,
    revoke_time  BIGINT,
    PRIMARY KEY (city, number)
);

-- Tickets that came of a case, to follow them.
CREATE TABLE case_tickets (
    city    TEXT COLLATE "C" NOT NULL,
    ticket  TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, ticket)
);

-- Everything personal and every free text: rows that can be erased while the history stands. Title and contact are row 'opening'. Events and
-- snapshots refer to a row by its id, and to its content by an HMAC under the row's own key.
CREATE TABLE contents (
    city        TEXT COLLATE "C" NOT NULL,
    month       INTEGER          NOT NULL,
    case_id     TEXT COLLATE "C" NOT NULL,
    id          TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    person      TEXT COLLATE "C" NOT NULL,
    create_time BIGINT           NOT NULL,
    title       TEXT COLLATE "C" NOT NULL,
    body        TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    phone       TEXT COLLATE "C" NOT NULL,
    secret      BYTEA            NOT NULL,
    PRIMARY KEY (city, month, case_id, id)
);

-- A file of a case, from its announcement on: an erasable row, since its name may be about anybody. The history keeps the hashes. blob and
-- clean are ids in the blob store: of the file as it was sent, and of what others see; they are one when nothing had to be taken out.
CREATE TABLE documents (
    city         TEXT COLLATE "C" NOT NULL,
    month        INTEGER          NOT NULL,
    case_id      TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL, -- why it was refused
    kind         TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    author       TEXT COLLATE "C" NOT NULL,
    person       TEXT COLLATE "C" NOT NULL,
    size         BIGINT           NOT NULL,
    sha256       BYTEA            NOT NULL,
    received     BIGINT           NOT NULL, -- bytes that have arrived
    blob         TEXT COLLATE "C" NOT NULL,
    clean        TEXT COLLATE "C" NOT NULL,
    clean_size   BIGINT           NOT NULL,
    clean_sha256 BYTEA            NOT NULL,
    media_type   TEXT COLLATE "C" NOT NULL,
    create_time  BIGINT           NOT NULL, -- of the city's clock, like ready_time
    ready_time   BIGINT,
    touch_time   BIGINT           NOT NULL, -- of the wall clock, like expire_time
    expire_time  BIGINT           NOT NULL,
    purpose      TEXT COLLATE "C" NOT NULL,
    material     TEXT COLLATE "C" NOT NULL, -- empty when it is none
    valid_until  TEXT COLLATE "C" NOT NULL, -- empty for no end
    PRIMARY KEY (city, month, case_id, id)
);
CREATE INDEX documents_unfinished ON documents (expire_time) WHERE state IN ('ANNOUNCED', 'UPLOADING');
CREATE INDEX documents_blob ON documents (blob);
CREATE INDEX documents_clean ON documents (clean) WHERE clean <> '';

-- Every version of a city's configuration that this service has seen: a decision names its version for ever.
CREATE TABLE city_configs (
    city       TEXT COLLATE "C" NOT NULL,
    version    BIGINT           NOT NULL,
    config     BYTEA            NOT NULL,
    recomputed SMALLINT         NOT NULL DEFAULT 0, -- whether open deadlines were counted anew under it
    PRIMARY KEY (city, version)
);

-- Sign-ins withdrawn before their tokens expired, so that a restart does not bring them back. Times are of the wall clock.
CREATE TABLE revocations (
    city    TEXT COLLATE "C" NOT NULL,
    person  TEXT COLLATE "C" NOT NULL,
    session TEXT COLLATE "C" NOT NULL,
    at      BIGINT           NOT NULL,
    until   BIGINT           NOT NULL,
    PRIMARY KEY (city, person, session)
);
