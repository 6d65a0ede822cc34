-- Reports of departments' own systems that came before those they follow. Each is taken when its turn comes, and goes; what nobody ever closes the gap before is
-- let go of after a while. received is of the wall clock.
CREATE TABLE line_waiting (
    city     TEXT COLLATE "C" NOT NULL,
    system   TEXT COLLATE "C" NOT NULL,
    case_id  TEXT COLLATE "C" NOT NULL,
    item     TEXT COLLATE "C" NOT NULL,
    attempt  INTEGER          NOT NULL,
    sequence BIGINT           NOT NULL,
    report   TEXT COLLATE "C" NOT NULL, -- the system's id of the message
    event    BYTEA            NOT NULL, -- as the contract has it
    received BIGINT           NOT NULL,
    PRIMARY KEY (city, system, case_id, item, attempt, sequence)
);
