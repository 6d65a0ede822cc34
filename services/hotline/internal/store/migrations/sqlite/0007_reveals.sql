-- How many phones somebody has looked at on a civil day. Who looked at whose, and why, is in the tickets' histories.
CREATE TABLE contact_reveals (
    city   TEXT    NOT NULL,
    person TEXT    NOT NULL,
    day    TEXT    NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (city, person, day)
) WITHOUT ROWID;
