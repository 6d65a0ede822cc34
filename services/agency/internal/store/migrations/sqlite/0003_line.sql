-- Reports of departments' own systems that came before those they follow. Each is taken when its turn comes, and goes; what nobody ever closes the gap before is
-- let go of after a while. received is of the wall clock.
CREATE TABLE line_waiting (
    city     TEXT    NOT NULL,
    system   TEXT    NOT NULL,
    case_id  TEXT    NOT NULL,
    item     TEXT    NOT NULL,
    attempt  INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    report   TEXT    NOT NULL, -- the system's id of the message
    event    BLOB    NOT NULL, -- as the contract has it
    received INTEGER NOT NULL,
    PRIMARY KEY (city, system, case_id, item, attempt, sequence)
) WITHOUT ROWID;
