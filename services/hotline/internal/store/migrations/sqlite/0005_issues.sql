-- The common issue a ticket is part of: the list behind an issue's count.
ALTER TABLE tickets ADD COLUMN issue TEXT NOT NULL DEFAULT '';
CREATE INDEX tickets_issue ON tickets (city, issue, create_time, id) WHERE issue <> '';

-- A common issue as its events left it. Its texts lie in contents, under its own id.
CREATE TABLE common_issues (
    city           TEXT    NOT NULL,
    month          INTEGER NOT NULL,
    id             TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    hash           BLOB    NOT NULL,
    snapshot       BLOB    NOT NULL,
    state          TEXT    NOT NULL,
    issue_month    TEXT    NOT NULL,
    lead_unit      TEXT    NOT NULL,
    open           INTEGER NOT NULL,
    missed         INTEGER NOT NULL,
    create_time    INTEGER NOT NULL,
    update_time    INTEGER NOT NULL,
    due_time       INTEGER NOT NULL,
    first_due_time INTEGER NOT NULL,
    close_time     INTEGER,
    PRIMARY KEY (city, month, id)
);
CREATE INDEX common_issues_created ON common_issues (city, create_time, id);
CREATE INDEX common_issues_open ON common_issues (city, due_time, id) WHERE open = 1;

-- The units that work on an issue, the lead unit among them: whose list it is on.
CREATE TABLE common_issue_units (
    city  TEXT NOT NULL,
    unit  TEXT NOT NULL,
    month INTEGER NOT NULL,
    issue TEXT NOT NULL,
    PRIMARY KEY (city, unit, month, issue)
) WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('tickets', 'tickets_issue', '50000 50000 100 1 1');
