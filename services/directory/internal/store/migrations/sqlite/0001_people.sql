-- Somebody known to a city. version, head and changed say where the journal of persons/{id} stands.
CREATE TABLE persons (
    city    TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    version INTEGER NOT NULL,
    head    BLOB    NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (city, id)
) WITHOUT ROWID;

-- What is personal about them. Erasing somebody deletes this row and the one in person_phones.
CREATE TABLE person_contents (
    city         TEXT NOT NULL,
    person       TEXT NOT NULL,
    phone        TEXT NOT NULL,
    display_name TEXT NOT NULL,
    language     TEXT NOT NULL,
    PRIMARY KEY (city, person)
) WITHOUT ROWID;

-- One phone, one person. The phone is here as a keyed hash.
CREATE TABLE person_phones (
    city   TEXT NOT NULL,
    phone  BLOB NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (city, phone)
) WITHOUT ROWID;

-- Persons who serve the city. Names and office phones are public: filers are told who answers.
CREATE TABLE officials (
    city         TEXT    NOT NULL,
    person       TEXT    NOT NULL,
    login        TEXT    NOT NULL,
    display_name TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    unit         TEXT    NOT NULL,
    phone        TEXT    NOT NULL,
    roles        TEXT    NOT NULL,
    dismissed    INTEGER,
    dismissed_by TEXT    NOT NULL,
    PRIMARY KEY (city, person)
) WITHOUT ROWID;
CREATE UNIQUE INDEX officials_login ON officials (city, login);

CREATE TABLE passwords (
    city    TEXT    NOT NULL,
    person  TEXT    NOT NULL,
    hash    TEXT    NOT NULL,
    initial INTEGER NOT NULL, -- 0: their own; 1: given to them, signs in once; 2: given and used
    changed INTEGER NOT NULL,
    PRIMARY KEY (city, person)
) WITHOUT ROWID;

CREATE TABLE sessions (
    city     TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    person   TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    started  INTEGER NOT NULL,
    used     INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    ended    INTEGER,
    token    BLOB    NOT NULL,
    previous BLOB,
    PRIMARY KEY (city, id)
) WITHOUT ROWID;
CREATE INDEX sessions_person ON sessions (city, person);
CREATE INDEX sessions_expires ON sessions (expires);

-- Codes that were sent and not yet used. They hold phones, so they do not outlive their code.
CREATE TABLE codes (
    city    TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    phone   TEXT    NOT NULL,
    code    BLOB    NOT NULL,
    expires INTEGER NOT NULL,
    tries   INTEGER NOT NULL,
    PRIMARY KEY (city, id)
) WITHOUT ROWID;
CREATE INDEX codes_expires ON codes (expires);

-- What was done how often lately: instants for what is limited exactly, a count for what is limited per stretch of time.
CREATE TABLE limits (
    city    TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    subject BLOB    NOT NULL,
    version INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    log     TEXT    NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (city, kind, subject)
) WITHOUT ROWID;
CREATE INDEX limits_expires ON limits (expires);

CREATE TABLE enterprises (
    city         TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    display_name TEXT    NOT NULL,
    uscc         TEXT,
    kind         INTEGER NOT NULL,
    county       TEXT    NOT NULL,
    created      INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    head         BLOB    NOT NULL,
    changed      INTEGER NOT NULL,
    PRIMARY KEY (city, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX enterprises_uscc ON enterprises (city, uscc) WHERE uscc IS NOT NULL;

CREATE TABLE members (
    city       TEXT    NOT NULL,
    enterprise TEXT    NOT NULL,
    person     TEXT    NOT NULL,
    state      INTEGER NOT NULL,
    admin      INTEGER NOT NULL,
    created    INTEGER NOT NULL,
    confirmed  INTEGER,
    PRIMARY KEY (city, enterprise, person)
) WITHOUT ROWID;
CREATE INDEX members_person ON members (city, person);

CREATE TABLE projects (
    city           TEXT    NOT NULL,
    enterprise     TEXT    NOT NULL,
    id             TEXT    NOT NULL,
    display_name   TEXT    NOT NULL,
    county         TEXT    NOT NULL,
    stage          INTEGER NOT NULL,
    investment_fen INTEGER NOT NULL,
    jobs           INTEGER NOT NULL,
    created        INTEGER NOT NULL,
    PRIMARY KEY (city, enterprise, id)
) WITHOUT ROWID;

-- What was revoked lately, for a process that starts: as long as a token it concerns could still be good.
CREATE TABLE revocations (
    city         TEXT    NOT NULL,
    person       TEXT    NOT NULL,
    session      TEXT    NOT NULL, -- empty: everything the person was given until then
    issued_until INTEGER NOT NULL,
    expires      INTEGER NOT NULL,
    PRIMARY KEY (city, person, session)
) WITHOUT ROWID;
CREATE INDEX revocations_expires ON revocations (expires);
