-- What the board counts of cases and items beside what lists asked for already.
ALTER TABLE cases ADD COLUMN counted_by INTEGER NOT NULL DEFAULT 0; -- version of the configuration by which the columns here and in case_items are counted
ALTER TABLE cases ADD COLUMN ticket_time INTEGER;
ALTER TABLE cases ADD COLUMN ticket_open INTEGER NOT NULL DEFAULT 0;
ALTER TABLE case_items ADD COLUMN in_time INTEGER NOT NULL DEFAULT 0; -- decided not later than promised
ALTER TABLE case_items ADD COLUMN notice_time INTEGER;
ALTER TABLE case_items ADD COLUMN deem_time INTEGER;
CREATE INDEX cases_ticket ON cases (city, ticket_time) WHERE ticket_time IS NOT NULL;
CREATE INDEX cases_ticket_open ON cases (city, create_time, id) WHERE ticket_open = 1;
CREATE INDEX case_items_noticed ON case_items (city, notice_time) WHERE notice_time IS NOT NULL;
CREATE INDEX case_items_deemed ON case_items (city, deem_time) WHERE deem_time IS NOT NULL;

-- The board's numbers. There can be two generations at a time: the one in use and one that is being built beside it.
CREATE TABLE board_cells (
    city       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    day        INTEGER NOT NULL, -- YYYYMMDD; 0 for a gauge
    restricted INTEGER NOT NULL,
    measure    TEXT    NOT NULL,
    dimension  TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    bucket     INTEGER NOT NULL,
    n          INTEGER NOT NULL,
    PRIMARY KEY (city, generation, measure, day, dimension, value, bucket, restricted)
) WITHOUT ROWID;
CREATE INDEX board_cells_empty ON board_cells (city, generation) WHERE n = 0;

-- What each case adds to the numbers, to be taken away when it changes.
CREATE TABLE board_cases (
    city       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    case_id    TEXT    NOT NULL,
    facts      BLOB    NOT NULL,
    PRIMARY KEY (city, generation, case_id)
) WITHOUT ROWID;

-- Which generation a city's board is, and which one is being built; 0 for none. step guards against two builders.
CREATE TABLE board_state (
    city       TEXT    NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL,
    building   INTEGER NOT NULL,
    step       INTEGER NOT NULL
) WITHOUT ROWID;

-- What the planner should take for granted of the new indexes; see 0001.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('cases', 'cases_ticket', '5000 5000 1'),
    ('cases', 'cases_ticket_open', '200 200 1 1'),
    ('case_items', 'case_items_noticed', '400000 400000 1'),
    ('case_items', 'case_items_deemed', '20000 20000 1');
