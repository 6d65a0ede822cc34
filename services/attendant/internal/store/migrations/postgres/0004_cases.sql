-- Cases whose agreement was sealed, as far as it concerns who acts in them: whose they are, the number of the last agreement, whether they are
-- carried (open). taken is the version of the case at the agency up to which its news are taken up; version, head and changed say where the
-- journal of cases/{id} stands (version 0: it has none). Both guard what is written: the agency's news and hand-overs may meet.
CREATE TABLE cases (
    city         TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    enterprise   TEXT COLLATE "C" NOT NULL,
    project      TEXT COLLATE "C" NOT NULL,
    agreement    INTEGER NOT NULL,
    open         SMALLINT NOT NULL,
    taken        BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    head         BYTEA NOT NULL,
    changed      BIGINT NOT NULL,
    PRIMARY KEY (city, id)
);

-- The centres' parts in them. official acts; empty for nobody. proposed is whom the proposal that waits for the agency's answer names (empty for
-- whom the centre chooses, NULL for no proposal), proposal its version in the journal. Who acts and who is proposed count as loaded.
CREATE TABLE seats (
    city         TEXT COLLATE "C" NOT NULL,
    case_id      TEXT COLLATE "C" NOT NULL,
    centre       TEXT COLLATE "C" NOT NULL,
    official     TEXT COLLATE "C" NOT NULL,
    since        BIGINT NOT NULL,
    turned       INTEGER NOT NULL,
    proposed     TEXT COLLATE "C",
    proposal     BIGINT NOT NULL,
    PRIMARY KEY (city, case_id, centre)
);
CREATE INDEX seats_official ON seats (city, official, case_id);

-- From here on a load row's ticket is the id of a ticket, or cases/{id}. The position in the agency's feed of the last case an official was given is
-- apart from that of tickets: the two feeds do not grow alike. The row is one, for whoever gives to an official takes turns on it.
ALTER TABLE givings ADD COLUMN case_position BIGINT NOT NULL DEFAULT 0;
