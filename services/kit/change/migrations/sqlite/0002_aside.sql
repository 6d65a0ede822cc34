-- Events of a feed that a consumer could not handle, and those of the same aggregate behind them. Their content is at the feed's owner.
CREATE TABLE feed_aside (
    consumer  TEXT    NOT NULL,
    position  INTEGER NOT NULL,
    city      TEXT    NOT NULL,
    aggregate TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    since     INTEGER NOT NULL,
    wanted    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (consumer, position)
) WITHOUT ROWID;
