-- What somebody has arranged for themselves, as the contract writes it. It is personal: erasing somebody deletes the row.
CREATE TABLE person_settings (
    city     TEXT    NOT NULL,
    person   TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    settings BLOB    NOT NULL,
    PRIMARY KEY (city, person)
) WITHOUT ROWID;

-- Who applied a version, why, what it changed, and its files, as the contract writes them.
CREATE TABLE city_sources (
    city    TEXT    NOT NULL,
    version INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    proposer TEXT   NOT NULL, -- empty where no second person was asked for
    reason  TEXT    NOT NULL,
    summary BLOB    NOT NULL,
    files   BLOB    NOT NULL,
    PRIMARY KEY (city, version)
);

CREATE TRIGGER city_sources_no_update BEFORE UPDATE ON city_sources
BEGIN
    SELECT RAISE(ABORT, 'a version of a city''s configuration never changes');
END;

CREATE TRIGGER city_sources_no_delete BEFORE DELETE ON city_sources
BEGIN
    SELECT RAISE(ABORT, 'a version of a city''s configuration is kept for ever');
END;

-- What one administrator wants in force and another decides about, with the files, as the contract writes them. Decided proposals stay.
CREATE TABLE city_proposals (
    city        TEXT    NOT NULL,
    proposal    TEXT    NOT NULL,
    state       INTEGER NOT NULL, -- as CityProposal.State
    base        INTEGER NOT NULL,
    created     INTEGER NOT NULL,
    actor       TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    summary     BLOB    NOT NULL,
    files       BLOB    NOT NULL,
    decided     INTEGER,
    decider     TEXT    NOT NULL DEFAULT '',
    drop_reason TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (city, proposal)
);
