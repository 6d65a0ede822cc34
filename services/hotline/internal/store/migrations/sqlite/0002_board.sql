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

-- What each ticket adds to the numbers, to be taken away when it changes.
CREATE TABLE board_tickets (
    city       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    ticket     TEXT    NOT NULL,
    facts      BLOB    NOT NULL,
    PRIMARY KEY (city, generation, ticket)
) WITHOUT ROWID;

-- Which generation a city's board is, and which one is being built; 0 for none. step guards against two builders.
CREATE TABLE board_state (
    city       TEXT    NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL,
    building   INTEGER NOT NULL,
    step       INTEGER NOT NULL
) WITHOUT ROWID;
