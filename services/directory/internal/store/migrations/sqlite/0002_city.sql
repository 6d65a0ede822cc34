-- Every version of a city's configuration, for ever. version and head say where the journal of config stands.
CREATE TABLE city_configs (
    city    TEXT    NOT NULL,
    version INTEGER NOT NULL,
    head    BLOB    NOT NULL,
    applied INTEGER NOT NULL,
    digest  BLOB    NOT NULL,
    config  BLOB    NOT NULL,
    PRIMARY KEY (city, version)
);

CREATE TRIGGER city_configs_no_update BEFORE UPDATE ON city_configs
BEGIN
    SELECT RAISE(ABORT, 'a version of a city''s configuration never changes');
END;

CREATE TRIGGER city_configs_no_delete BEFORE DELETE ON city_configs
BEGIN
    SELECT RAISE(ABORT, 'a version of a city''s configuration is kept for ever');
END;
