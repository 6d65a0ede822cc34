-- Somebody known to a city. version, head and changed say where the journal of persons/{id} stands.
CREATE TABLE persons (
    city           TEXT COLLATE "C" NOT NULL,
    id             TEXT COLLATE "C" NOT NULL,
    version        BIGINT           NOT NULL,
    head           BYTEA            NOT NULL,
    changed        BIGINT           NOT NULL,
    PRIMARY KEY (city, id)
);

-- What is personal about them. Erasing somebody deletes this row and the one in person_phones.
CREATE TABLE person_contents (
    city           TEXT COLLATE "C" NOT NULL,
    person         TEXT COLLATE "C" NOT NULL,
    phone          TEXT COLLATE "C" NOT NULL,
    display_name   TEXT             NOT NULL,
    language       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, person)
);

-- One phone, one person. The phone is here as a keyed hash.
CREATE TABLE person_phones (
    city           TEXT COLLATE "C" NOT NULL,
    phone          BYTEA            NOT NULL,
    person         TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, phone)
);

-- Persons who serve the city. Names and office phones are public: filers are told who answers.
CREATE TABLE officials (
    city           TEXT COLLATE "C" NOT NULL,
    person         TEXT COLLATE "C" NOT NULL,
    login          TEXT COLLATE "C" NOT NULL,
    display_name   TEXT             NOT NULL,
    title          TEXT             NOT NULL,
    unit           TEXT COLLATE "C" NOT NULL,
    phone          TEXT COLLATE "C" NOT NULL,
    roles          TEXT COLLATE "C" NOT NULL,
    dismissed      BIGINT,
    dismissed_by   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, person)
);
CREATE UNIQUE INDEX officials_login ON officials (city, login);

CREATE TABLE passwords (
    city           TEXT COLLATE "C" NOT NULL,
    person         TEXT COLLATE "C" NOT NULL,
    hash           TEXT COLLATE "C" NOT NULL,
    initial        INTEGER          NOT NULL, -- 0: their own; 1: given to them, signs in once; 2: given and used
    changed        BIGINT           NOT NULL,
    PRIMARY KEY (city, person)
);

CREATE TABLE sessions (
    city           TEXT COLLATE "C" NOT NULL,
    id             TEXT COLLATE "C" NOT NULL,
    person         TEXT COLLATE "C" NOT NULL,
    kind           TEXT COLLATE "C" NOT NULL,
    started        BIGINT           NOT NULL,
    used           BIGINT           NOT NULL,
    expires        BIGINT           NOT NULL,
    ended          BIGINT,
    token          BYTEA            NOT NULL,
    previous       BYTEA,
    PRIMARY KEY (city, id)
);
CREATE INDEX sessions_person ON sessions (city, person);
CREATE INDEX sessions_expires ON sessions (expires);

-- Codes that were sent and not yet used. They hold phones, so they do not outlive their code.
CREATE TABLE codes (
    city           TEXT COLLATE "C" NOT NULL,
    id             TEXT COLLATE "C" NOT NULL,
    phone          TEXT COLLATE "C" NOT NULL,
    code           BYTEA            NOT NULL,
    expires        BIGINT           NOT NULL,
    tries          INTEGER          NOT NULL,
    PRIMARY KEY (city, id)
);
CREATE INDEX codes_expires ON codes (expires);

-- What was done how often lately: instants for what is limited exactly, a count for what is limited per stretch of time.
CREATE TABLE limits (
    city           TEXT COLLATE "C" NOT NULL,
    kind           TEXT COLLATE "C" NOT NULL,
    subject        BYTEA            NOT NULL,
    version        BIGINT           NOT NULL,
    count          BIGINT           NOT NULL,
    last           BIGINT           NOT NULL,
    log            TEXT             NOT NULL,
    expires        BIGINT           NOT NULL,
    PRIMARY KEY (city, kind, subject)
);
CREATE INDEX limits_expires ON limits (expires);

CREATE TABLE enterprises (
    city           TEXT COLLATE "C" NOT NULL,
    id             TEXT COLLATE "C" NOT NULL,
    display_name   TEXT             NOT NULL,
    uscc           TEXT COLLATE "C",
    kind           INTEGER          NOT NULL,
    county         TEXT COLLATE "C" NOT NULL,
    created        BIGINT           NOT NULL,
    version        BIGINT           NOT NULL,
    head           BYTEA            NOT NULL,
    changed        BIGINT           NOT NULL,
    PRIMARY KEY (city, id)
);
CREATE UNIQUE INDEX enterprises_uscc ON enterprises (city, uscc) WHERE uscc IS NOT NULL;

CREATE TABLE members (
    city           TEXT COLLATE "C" NOT NULL,
    enterprise     TEXT COLLATE "C" NOT NULL,
    person         TEXT COLLATE "C" NOT NULL,
    state          INTEGER          NOT NULL,
    admin          INTEGER          NOT NULL,
    created        BIGINT           NOT NULL,
    confirmed      BIGINT,
    PRIMARY KEY (city, enterprise, person)
);
CREATE INDEX members_person ON members (city, person);

CREATE TABLE projects (
    city           TEXT COLLATE "C" NOT NULL,
    enterprise     TEXT COLLATE "C" NOT NULL,
    id             TEXT COLLATE "C" NOT NULL,
    display_name   TEXT             NOT NULL,
    county         TEXT COLLATE "C" NOT NULL,
    stage          INTEGER          NOT NULL,
    investment_fen BIGINT           NOT NULL,
    jobs           INTEGER          NOT NULL,
    created        BIGINT           NOT NULL,
    PRIMARY KEY (city, enterprise, id)
);

-- What was revoked lately, for a process that starts: as long as a token it concerns could still be good.
CREATE TABLE revocations (
    city           TEXT COLLATE "C" NOT NULL,
    person         TEXT COLLATE "C" NOT NULL,
    session        TEXT COLLATE "C" NOT NULL, -- empty: everything the person was given until then
    issued_until   BIGINT           NOT NULL,
    expires        BIGINT           NOT NULL,
    PRIMARY KEY (city, person, session)
);
CREATE INDEX revocations_expires ON revocations (expires);
