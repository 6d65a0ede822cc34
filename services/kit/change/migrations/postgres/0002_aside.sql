-- Events of a feed that a consumer could not handle, and those of the same aggregate behind them. Their content is at the feed's owner.
CREATE TABLE feed_aside (
    consumer  TEXT COLLATE "C" NOT NULL,
    position  BIGINT           NOT NULL,
    city      TEXT COLLATE "C" NOT NULL,
    aggregate TEXT COLLATE "C" NOT NULL,
    reason    TEXT             NOT NULL,
    since     BIGINT           NOT NULL,
    wanted    INTEGER          NOT NULL DEFAULT 0,
    PRIMARY KEY (consumer, position)
);
