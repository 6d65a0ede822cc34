-- What somebody has arranged for themselves, as the contract writes it. It is personal: erasing somebody deletes the row.
CREATE TABLE person_settings (
    city           TEXT COLLATE "C" NOT NULL,
    person         TEXT COLLATE "C" NOT NULL,
    version        BIGINT           NOT NULL,
    settings       BYTEA            NOT NULL,
    PRIMARY KEY (city, person)
);

-- Who applied a version, why, what it changed, and its files, as the contract writes them.
CREATE TABLE city_sources (
    city           TEXT COLLATE "C" NOT NULL,
    version        BIGINT           NOT NULL,
    actor          TEXT COLLATE "C" NOT NULL,
    proposer       TEXT COLLATE "C" NOT NULL, -- empty where no second person was asked for
    reason         TEXT             NOT NULL,
    summary        BYTEA            NOT NULL,
    files          BYTEA            NOT NULL,
    PRIMARY KEY (city, version)
);
-- refuse_change is kit's.
CREATE TRIGGER city_sources_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON city_sources FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What one administrator wants in force and another decides about, with the files, as the contract writes them. Decided proposals stay.
CREATE TABLE city_proposals (
    city           TEXT COLLATE "C" NOT NULL,
    proposal       TEXT COLLATE "C" NOT NULL,
    state          INTEGER          NOT NULL, -- as CityProposal.State
    base           BIGINT           NOT NULL,
    created        BIGINT           NOT NULL,
    actor          TEXT COLLATE "C" NOT NULL,
    reason         TEXT             NOT NULL,
    summary        BYTEA            NOT NULL,
    files          BYTEA            NOT NULL,
    decided        BIGINT,
    decider        TEXT COLLATE "C" NOT NULL DEFAULT '',
    drop_reason    TEXT             NOT NULL DEFAULT '',
    PRIMARY KEY (city, proposal)
);
