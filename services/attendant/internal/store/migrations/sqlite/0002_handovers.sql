-- What a later choice of a holder needs of a ticket: what it asks, whom it is about (codes and ids, each followed by a blank), since
-- when its holder has it, and how many hand-overs of theirs were refused. Tickets filed before know nothing of it.
ALTER TABLE tickets ADD COLUMN enterprise TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN project TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN category TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN conflict_officials TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN conflict_units TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN turned INTEGER NOT NULL DEFAULT 0;

CREATE INDEX tickets_held ON tickets (city, official, id) WHERE stage = 2;

-- Hand-overs of tickets that wait for the hotline's answer. official is empty for the desk's queue; who is named counts as loaded.
-- after_position is where this service's feed stood when it was decided.
CREATE TABLE offers (
    city           TEXT NOT NULL,
    ticket         TEXT NOT NULL,
    official       TEXT NOT NULL,
    after_position INTEGER NOT NULL,
    handover       TEXT NOT NULL,
    PRIMARY KEY (city, ticket)
) WITHOUT ROWID;
CREATE INDEX offers_handover ON offers (city, handover);

-- Decisions to hand over: why, in an erasable text, and where the journal of handovers/{id} stands.
CREATE TABLE handovers (
    city         TEXT NOT NULL,
    id           TEXT NOT NULL,
    note         TEXT NOT NULL,
    version      INTEGER NOT NULL,
    head         BLOB NOT NULL,
    changed      INTEGER NOT NULL,
    PRIMARY KEY (city, id)
) WITHOUT ROWID;

-- Everybody who was ever dismissed. Who serves again is in the roster, which is asked first.
CREATE TABLE gone (
    city         TEXT NOT NULL,
    person       TEXT NOT NULL,
    PRIMARY KEY (city, person)
) WITHOUT ROWID;
INSERT INTO gone (city, person) SELECT city, person FROM dismissals;

ALTER TABLE presences ADD COLUMN away_from INTEGER;
ALTER TABLE presences ADD COLUMN hand_over INTEGER NOT NULL DEFAULT 0;

-- The directory's enterprises and projects, for who has no attendant. Filled by a reader of its own from the feed's beginning.
CREATE TABLE enterprises (
    city         TEXT NOT NULL,
    id           TEXT NOT NULL,
    county       TEXT NOT NULL,
    registered   INTEGER NOT NULL,
    PRIMARY KEY (city, id)
) WITHOUT ROWID;
ALTER TABLE projects ADD COLUMN county TEXT NOT NULL DEFAULT '';
