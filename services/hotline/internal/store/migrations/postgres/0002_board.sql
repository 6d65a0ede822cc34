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

-- What each ticket adds to the numbers, to be taken away when it changes.
CREATE TABLE board_tickets (
    city       TEXT COLLATE "C" NOT NULL,
    generation BIGINT           NOT NULL,
    ticket     TEXT COLLATE "C" NOT NULL,
    facts      BYTEA            NOT NULL,
    PRIMARY KEY (city, generation, ticket)
);

-- Which generation a city's board is, and which one is being built; 0 for none. step guards against two builders.
CREATE TABLE board_state (
    city       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    generation BIGINT           NOT NULL,
    building   BIGINT           NOT NULL,
    step       BIGINT           NOT NULL
);
