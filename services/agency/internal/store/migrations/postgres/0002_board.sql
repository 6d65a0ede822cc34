-- What the board counts of cases and items beside what lists asked for already.
ALTER TABLE cases ADD COLUMN counted_by BIGINT NOT NULL DEFAULT 0; -- version of the configuration by which the columns here and in case_items are counted
ALTER TABLE cases ADD COLUMN ticket_time BIGINT;
ALTER TABLE cases ADD COLUMN ticket_open SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE case_items ADD COLUMN in_time SMALLINT NOT NULL DEFAULT 0; -- decided not later than promised
ALTER TABLE case_items ADD COLUMN notice_time BIGINT;
ALTER TABLE case_items ADD COLUMN deem_time BIGINT;
CREATE INDEX cases_ticket ON cases (city, ticket_time) WHERE ticket_time IS NOT NULL;
CREATE INDEX cases_ticket_open ON cases (city, create_time, id) WHERE ticket_open = 1;
CREATE INDEX case_items_noticed ON case_items (city, notice_time) WHERE notice_time IS NOT NULL;
CREATE INDEX case_items_deemed ON case_items (city, deem_time) WHERE deem_time IS NOT NULL;

-- The board's numbers. There can be two generations at a time: the one in use and one that is being built beside it.
CREATE TABLE board_cells (
    city       TEXT COLLATE "C" NOT NULL,
    generation BIGINT           NOT NULL,
    day        INTEGER          NOT NULL, -- YYYYMMDD; 0 for a gauge
    restricted SMALLINT         NOT NULL,
    measure    TEXT COLLATE "C" NOT NULL,
    dimension  TEXT COLLATE "C" NOT NULL,
    value      TEXT COLLATE "C" NOT NULL,
    bucket     INTEGER          NOT NULL,
    n          BIGINT           NOT NULL,
    PRIMARY KEY (city, generation, measure, day, dimension, value, bucket, restricted)
);
CREATE INDEX board_cells_empty ON board_cells (city, generation) WHERE n = 0;

-- What each case adds to the numbers, to be taken away when it changes.
CREATE TABLE board_cases (
    city       TEXT COLLATE "C" NOT NULL,
    generation BIGINT           NOT NULL,
    case_id    TEXT COLLATE "C" NOT NULL,
    facts      BYTEA            NOT NULL,
    PRIMARY KEY (city, generation, case_id)
);

-- Which generation a city's board is, and which one is being built; 0 for none. step guards against two builders.
CREATE TABLE board_state (
    city       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    generation BIGINT           NOT NULL,
    building   BIGINT           NOT NULL,
    step       BIGINT           NOT NULL
);
