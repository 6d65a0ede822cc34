-- Months whose numbers were published. What is published is never changed: a correction is another revision.
CREATE TABLE board_periods (
    city         TEXT COLLATE "C" NOT NULL,
    month        INTEGER          NOT NULL, -- YYYYMM
    revision     INTEGER          NOT NULL,
    publish_time BIGINT           NOT NULL,
    publisher    TEXT COLLATE "C" NOT NULL,
    correction   TEXT COLLATE "C" NOT NULL, -- why; empty for the first revision
    cells        BIGINT           NOT NULL,
    digest       BYTEA            NOT NULL,
    hash         BYTEA            NOT NULL, -- of its event in the journal
    PRIMARY KEY (city, month, revision)
);

-- The cells a published month is made of, added up over its days.
CREATE TABLE board_period_cells (
    city       TEXT COLLATE "C" NOT NULL,
    month      INTEGER          NOT NULL,
    revision   INTEGER          NOT NULL,
    restricted SMALLINT         NOT NULL,
    measure    TEXT COLLATE "C" NOT NULL,
    dimension  TEXT COLLATE "C" NOT NULL,
    value      TEXT COLLATE "C" NOT NULL,
    bucket     INTEGER          NOT NULL,
    n          BIGINT           NOT NULL,
    PRIMARY KEY (city, month, revision, measure, dimension, value, bucket, restricted)
);

-- When a ticket was last opened again, and the indexes of the lists behind the board's new numbers.
ALTER TABLE tickets ADD COLUMN reopen_time BIGINT;
CREATE INDEX tickets_reopened ON tickets (city, reopen_time) WHERE reopen_time IS NOT NULL;
CREATE INDEX tickets_extension_decided ON tickets (city, extension_decide_time) WHERE extension_decide_time IS NOT NULL;
CREATE INDEX tickets_callback_time ON tickets (city, callback_time) WHERE callback_time IS NOT NULL;
CREATE INDEX tickets_dialogue_time ON tickets (city, dialogue_time) WHERE dialogue_time IS NOT NULL;
CREATE INDEX tickets_dialogue_end ON tickets (city, dialogue_end_time) WHERE dialogue_end_time IS NOT NULL;
CREATE INDEX work_orders_sign_met ON work_orders (city, sign_met_time) WHERE sign_met_time IS NOT NULL;
CREATE INDEX work_orders_sign_due ON work_orders (city, sign_due) WHERE sign_due IS NOT NULL;
CREATE INDEX work_orders_handle_due ON work_orders (city, handle_due) WHERE handle_due IS NOT NULL;

-- What a ticket adds to the board has another shape from now on: the board is folded anew, from the beginning of the feed.
DELETE FROM board_cells;
DELETE FROM board_tickets;
DELETE FROM board_state;
DELETE FROM feed_cursor WHERE consumer = 'board';
