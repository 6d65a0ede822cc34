-- What a later choice of a holder needs of a ticket: what it asks, whom it is about (codes and ids, each followed by a blank), since
-- when its holder has it, and how many hand-overs of theirs were refused. Tickets filed before know nothing of it.
ALTER TABLE tickets ADD COLUMN enterprise TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN project TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN category TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN conflict_officials TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN conflict_units TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN turned INTEGER NOT NULL DEFAULT 0;

CREATE INDEX tickets_held ON tickets (city, official, id) WHERE stage = 2;

-- Hand-overs of tickets that wait for the hotline's answer. official is empty for the desk's queue; who is named counts as loaded.
-- after_position is where this service's feed stood when it was decided.
CREATE TABLE offers (
    city           TEXT COLLATE "C" NOT NULL,
    ticket         TEXT COLLATE "C" NOT NULL,
    official       TEXT COLLATE "C" NOT NULL,
    after_position BIGINT NOT NULL,
    handover       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, ticket)
);
CREATE INDEX offers_handover ON offers (city, handover);

-- Decisions to hand over: why, in an erasable text, and where the journal of handovers/{id} stands.
CREATE TABLE handovers (
    city         TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    note         TEXT NOT NULL,
    version      BIGINT NOT NULL,
    head         BYTEA NOT NULL,
    changed      BIGINT NOT NULL,
    PRIMARY KEY (city, id)
);

-- Everybody who was ever dismissed. Who serves again is in the roster, which is asked first.
CREATE TABLE gone (
    city         TEXT COLLATE "C" NOT NULL,
    person       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (city, person)
);
INSERT INTO gone (city, person) SELECT city, person FROM dismissals;

ALTER TABLE presences ADD COLUMN away_from BIGINT;
ALTER TABLE presences ADD COLUMN hand_over SMALLINT NOT NULL DEFAULT 0;

-- The directory's enterprises and projects, for who has no attendant. Filled by a reader of its own from the feed's beginning.
CREATE TABLE enterprises (
    city         TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    county       TEXT COLLATE "C" NOT NULL,
    registered   BIGINT NOT NULL,
    PRIMARY KEY (city, id)
);
ALTER TABLE projects ADD COLUMN county TEXT COLLATE "C" NOT NULL DEFAULT '';
