-- A case as its events left it: the snapshot is what decisions start from, the columns are what lists ask for. A due time that does not come is far away
-- rather than NULL, as in every column that lists are ordered by.
CREATE TABLE cases (
    city             TEXT    NOT NULL,
    month            INTEGER NOT NULL,
    id               TEXT    NOT NULL,
    number           TEXT    NOT NULL,
    state            TEXT    NOT NULL,
    version          INTEGER NOT NULL,
    hash             BLOB    NOT NULL,
    snapshot         BLOB    NOT NULL,
    open             INTEGER NOT NULL,
    enterprise       TEXT    NOT NULL,
    project          TEXT    NOT NULL,
    county           TEXT    NOT NULL,
    opener           TEXT    NOT NULL,
    opener_unit      TEXT    NOT NULL, -- empty when the enterprise opened it
    eligibility      TEXT    NOT NULL,
    config_version   INTEGER NOT NULL,
    stage            TEXT    NOT NULL, -- empty when nothing of the four stages is waited for
    entrusted        INTEGER NOT NULL,
    provisional      INTEGER NOT NULL,
    meetings         INTEGER NOT NULL,
    saved_workdays   INTEGER NOT NULL,
    plan_finish_time INTEGER NOT NULL,
    create_time      INTEGER NOT NULL,
    update_time      INTEGER NOT NULL,
    due_time         INTEGER NOT NULL,
    admit_time       INTEGER,
    end_time         INTEGER,
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
    city    TEXT NOT NULL,
    number  TEXT NOT NULL,
    case_id TEXT NOT NULL,
    PRIMARY KEY (city, number)
) WITHOUT ROWID;

-- Who takes part in a case beside its enterprise: u:<unit> that decides something of it, was asked about it or opened it, p:<person> who is its agent now. The
-- columns that lists are ordered by are repeated here, so that a unit's first rows are found without its others.
CREATE TABLE case_parties (
    city        TEXT    NOT NULL,
    month       INTEGER NOT NULL,
    case_id     TEXT    NOT NULL,
    party       TEXT    NOT NULL,
    create_time INTEGER NOT NULL,
    update_time INTEGER NOT NULL,
    due_time    INTEGER NOT NULL,
    PRIMARY KEY (city, month, case_id, party)
) WITHOUT ROWID;
CREATE INDEX case_parties_created ON case_parties (city, party, create_time, case_id);
CREATE INDEX case_parties_updated ON case_parties (city, party, update_time, case_id);
CREATE INDEX case_parties_due ON case_parties (city, party, due_time, case_id);

-- One row for each item of a case: a unit's desk. What is owed, or will count as stuck, is little of all: the indexes of those times leave out the far away.
CREATE TABLE case_items (
    city               TEXT    NOT NULL,
    month              INTEGER NOT NULL,
    case_id            TEXT    NOT NULL,
    item               TEXT    NOT NULL, -- code of the catalogue
    id                 TEXT    NOT NULL, -- case/item, by which lists tell equals apart
    enterprise         TEXT    NOT NULL,
    opener_unit        TEXT    NOT NULL,
    unit               TEXT    NOT NULL,
    stage              TEXT    NOT NULL,
    kind               TEXT    NOT NULL,
    state              TEXT    NOT NULL,
    open               INTEGER NOT NULL, -- lies with its unit, or waits for a correction
    attempt            INTEGER NOT NULL,
    tolerant           INTEGER NOT NULL,
    on_promise         INTEGER NOT NULL,
    critical           INTEGER NOT NULL,
    late               INTEGER NOT NULL,
    state_time         INTEGER NOT NULL,
    submit_time        INTEGER NOT NULL,
    promised_due_time  INTEGER NOT NULL,
    statutory_due_time INTEGER NOT NULL,
    due_time           INTEGER NOT NULL,
    stuck_time         INTEGER NOT NULL,
    accept_time        INTEGER,
    decide_time        INTEGER,
    promised_workdays  INTEGER NOT NULL,
    workdays           INTEGER NOT NULL,
    PRIMARY KEY (city, month, case_id, item)
) WITHOUT ROWID;
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
    city        TEXT    NOT NULL,
    month       INTEGER NOT NULL,
    case_id     TEXT    NOT NULL,
    clock       INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    item        TEXT    NOT NULL,
    unit        TEXT    NOT NULL,
    breach_time INTEGER NOT NULL,
    PRIMARY KEY (city, month, case_id, clock)
) WITHOUT ROWID;
CREATE INDEX case_breaches_time ON case_breaches (city, kind, breach_time, month, case_id, item);
CREATE INDEX case_breaches_unit ON case_breaches (city, unit, breach_time, month, case_id, item);

-- What enterprises promised: the calendar of what is outstanding, and the credit record.
CREATE TABLE commitments (
    city        TEXT    NOT NULL,
    month       INTEGER NOT NULL,
    case_id     TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    id          TEXT    NOT NULL, -- case/number, by which lists tell equals apart
    enterprise  TEXT    NOT NULL,
    opener_unit TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    item        TEXT    NOT NULL,
    unit        TEXT    NOT NULL, -- that decides the item
    state       TEXT    NOT NULL,
    broken      INTEGER NOT NULL,
    bars        INTEGER NOT NULL, -- broken and not repaired
    sign_time   INTEGER NOT NULL,
    due_time    INTEGER NOT NULL,
    end_time    INTEGER NOT NULL,
    repair_time INTEGER,
    PRIMARY KEY (city, month, case_id, number)
) WITHOUT ROWID;
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
    city         TEXT    NOT NULL,
    number       TEXT    NOT NULL,
    month        INTEGER NOT NULL,
    case_id      TEXT    NOT NULL,
    item         TEXT    NOT NULL,
    document     TEXT    NOT NULL,
    check_sha256 BLOB    NOT NULL, -- of the check code
    valid_from   TEXT    NOT NULL,
    valid_until  TEXT    NOT NULL, -- empty for no end
    issue_time   INTEGER NOT NULL,
    revoke_time  INTEGER,
    PRIMARY KEY (city, number)
) WITHOUT ROWID;

-- Tickets that came of a case, to follow them.
CREATE TABLE case_tickets (
    city    TEXT NOT NULL,
    ticket  TEXT NOT NULL,
    case_id TEXT NOT NULL,
    PRIMARY KEY (city, ticket)
) WITHOUT ROWID;

-- Everything personal and every free text: rows that can be erased while the history stands. Title and contact are row 'opening'. Events and
-- snapshots refer to a row by its id, and to its content by an HMAC under the row's own key.
CREATE TABLE contents (
    city        TEXT    NOT NULL,
    month       INTEGER NOT NULL,
    case_id     TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    person      TEXT    NOT NULL,
    create_time INTEGER NOT NULL,
    title       TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    phone       TEXT    NOT NULL,
    secret      BLOB    NOT NULL,
    PRIMARY KEY (city, month, case_id, id)
);

-- A file of a case, from its announcement on: an erasable row, since its name may be about anybody. The history keeps the hashes. blob and
-- clean are ids in the blob store: of the file as it was sent, and of what others see; they are one when nothing had to be taken out.
CREATE TABLE documents (
    city         TEXT    NOT NULL,
    month        INTEGER NOT NULL,
    case_id      TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    reason       TEXT    NOT NULL, -- why it was refused
    kind         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    author       TEXT    NOT NULL,
    person       TEXT    NOT NULL,
    size         INTEGER NOT NULL,
    sha256       BLOB    NOT NULL,
    received     INTEGER NOT NULL, -- bytes that have arrived
    blob         TEXT    NOT NULL,
    clean        TEXT    NOT NULL,
    clean_size   INTEGER NOT NULL,
    clean_sha256 BLOB    NOT NULL,
    media_type   TEXT    NOT NULL,
    create_time  INTEGER NOT NULL, -- of the city's clock, like ready_time
    ready_time   INTEGER,
    touch_time   INTEGER NOT NULL, -- of the wall clock, like expire_time
    expire_time  INTEGER NOT NULL,
    purpose      TEXT    NOT NULL,
    material     TEXT    NOT NULL, -- empty when it is none
    valid_until  TEXT    NOT NULL, -- empty for no end
    PRIMARY KEY (city, month, case_id, id)
) WITHOUT ROWID;
CREATE INDEX documents_unfinished ON documents (expire_time) WHERE state IN ('ANNOUNCED', 'UPLOADING');
CREATE INDEX documents_blob ON documents (blob);
CREATE INDEX documents_clean ON documents (clean) WHERE clean <> '';

-- Every version of a city's configuration that this service has seen: a decision names its version for ever.
CREATE TABLE city_configs (
    city       TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    config     BLOB    NOT NULL,
    recomputed INTEGER NOT NULL DEFAULT 0, -- whether open deadlines were counted anew under it
    PRIMARY KEY (city, version)
);

-- Sign-ins withdrawn before their tokens expired, so that a restart does not bring them back. Times are of the wall clock.
CREATE TABLE revocations (
    city    TEXT    NOT NULL,
    person  TEXT    NOT NULL,
    session TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    until   INTEGER NOT NULL,
    PRIMARY KEY (city, person, session)
) WITHOUT ROWID;

-- What the planner should take for granted: a city has a hundred thousand cases, a person a few. Without it SQLite believes that a city is as
-- selective as a person and walks through all cases in the order asked for. Fixed here, so that plans do not depend on who ran ANALYZE when.
ANALYZE;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('cases', 'sqlite_autoindex_cases_1', '100000 100000 2000 1'),
    ('cases', 'cases_opener', '60000 60000 4 1 1'),
    ('cases', 'cases_opener_unit', '100000 100000 5000 1 1'),
    ('cases', 'cases_enterprise', '100000 100000 5 1 1'),
    ('cases', 'cases_project', '100000 100000 2 1 1'),
    ('cases', 'cases_county', '100000 100000 10000 1 1'),
    ('cases', 'cases_state', '100000 100000 20000 1 1'),
    ('cases', 'cases_stage', '100000 100000 2500 1 1'),
    ('cases', 'cases_open', '10000 10000 1 1'),
    ('cases', 'cases_open_due', '10000 10000 10 1'),
    ('cases', 'cases_created', '100000 100000 1 1'),
    ('cases', 'cases_updated', '100000 100000 1 1'),
    ('cases', 'cases_due', '100000 100000 10 1'),
    ('cases', 'cases_admitted', '100000 100000 1'),
    ('cases', 'cases_ended', '90000 90000 1'),
    ('cases', 'cases_provisional', '2000 2000 500 1'),
    ('case_parties', 'case_parties', '1000000 1000000 20000 10 1'),
    ('case_parties', 'case_parties_created', '1000000 1000000 10000 1 1'),
    ('case_parties', 'case_parties_updated', '1000000 1000000 10000 1 1'),
    ('case_parties', 'case_parties_due', '1000000 1000000 10000 100 1'),
    ('case_items', 'case_items', '2000000 2000000 40000 20 1'),
    ('case_items', 'case_items_unit', '2000000 2000000 40000 400 1'),
    ('case_items', 'case_items_unit_open', '60000 60000 1200 12 1'),
    ('case_items', 'case_items_unit_state', '2000000 2000000 40000 5000 50 1'),
    ('case_items', 'case_items_unit_submitted', '2000000 2000000 40000 2 1'),
    ('case_items', 'case_items_unit_moved', '2000000 2000000 40000 1 1'),
    ('case_items', 'case_items_unit_due', '60000 60000 1200 12 1'),
    ('case_items', 'case_items_promised', '2000000 2000000 20000 1'),
    ('case_items', 'case_items_open', '60000 60000 600 1'),
    ('case_items', 'case_items_state', '2000000 2000000 250000 2500 1'),
    ('case_items', 'case_items_submitted', '2000000 2000000 2 1'),
    ('case_items', 'case_items_moved', '2000000 2000000 2 1'),
    ('case_items', 'case_items_due', '60000 60000 600 1'),
    ('case_items', 'case_items_stuck', '50000 50000 500 1'),
    ('case_items', 'case_items_enterprise', '2000000 2000000 100 10 1'),
    ('case_items', 'case_items_opener_unit', '800000 800000 40000 400 1'),
    ('case_items', 'case_items_code', '2000000 2000000 20000 200 1'),
    ('case_items', 'case_items_critical', '20000 20000 200 1'),
    ('case_items', 'case_items_late', '2000 2000 20 1'),
    ('case_items', 'case_items_tolerant', '40000 40000 400 1'),
    ('case_items', 'case_items_accepted', '1500000 1500000 2'),
    ('case_items', 'case_items_decided', '1400000 1400000 2'),
    ('case_breaches', 'case_breaches', '100000 100000 2000 2 1'),
    ('case_breaches', 'case_breaches_time', '100000 100000 10000 2 2 1 1'),
    ('case_breaches', 'case_breaches_unit', '100000 100000 2000 2 2 1 1'),
    ('commitments', 'commitments', '50000 50000 1000 2 1'),
    ('commitments', 'commitments_due', '50000 50000 50 1'),
    ('commitments', 'commitments_signed', '50000 50000 1 1'),
    ('commitments', 'commitments_ended', '50000 50000 10 1'),
    ('commitments', 'commitments_state', '50000 50000 10000 50 1'),
    ('commitments', 'commitments_enterprise', '50000 50000 5 2 1'),
    ('commitments', 'commitments_opener_unit', '20000 20000 2000 20 1'),
    ('commitments', 'commitments_unit', '50000 50000 1000 10 1'),
    ('commitments', 'commitments_bars', '500 500 1 1'),
    ('contents', 'sqlite_autoindex_contents_1', '2000000 2000000 40000 20 1');
