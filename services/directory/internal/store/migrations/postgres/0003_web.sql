-- +goose Up

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
    reason         TEXT             NOT NULL,
    summary        BYTEA            NOT NULL,
    files          BYTEA            NOT NULL,
    PRIMARY KEY (city, version)
);
-- refuse_change is kit's.
CREATE TRIGGER city_sources_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON city_sources FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
