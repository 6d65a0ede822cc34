-- The common issue a ticket is part of: the list behind an issue's count.
ALTER TABLE tickets ADD COLUMN issue TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX tickets_issue ON tickets (city, issue, create_time, id) WHERE issue <> '';

-- A common issue as its events left it. Its texts lie in contents, under its own id.
CREATE TABLE common_issues (
    city           TEXT COLLATE "C" NOT NULL,
    month          INTEGER          NOT NULL,
    id             TEXT COLLATE "C" NOT NULL,
    version        BIGINT           NOT NULL,
    hash           BYTEA            NOT NULL,
    snapshot       BYTEA            NOT NULL,
    state          TEXT COLLATE "C" NOT NULL,
    issue_month    TEXT COLLATE "C" NOT NULL,
    lead_unit      TEXT COLLATE "C" NOT NULL,
    open           SMALLINT         NOT NULL,
    missed         INTEGER          NOT NULL,
    create_time    BIGINT           NOT NULL,
    update_time    BIGINT           NOT NULL,
    due_time       BIGINT           NOT NULL,
    first_due_time BIGINT           NOT NULL,
    close_time     BIGINT,
    PRIMARY KEY (city, month, id)
);
CREATE INDEX common_issues_created ON common_issues (city, create_time, id);
CREATE INDEX common_issues_open ON common_issues (city, due_time, id) WHERE open = 1;

-- The units that work on an issue, the lead unit among them: whose list it is on.
CREATE TABLE common_issue_units (
    city  TEXT COLLATE "C" NOT NULL,
    unit  TEXT COLLATE "C" NOT NULL,
    month INTEGER NOT NULL,
    issue TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, unit, month, issue)
);
