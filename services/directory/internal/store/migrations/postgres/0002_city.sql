-- Every version of a city's configuration, for ever. version and head say where the journal of config stands.
CREATE TABLE city_configs (
    city           TEXT COLLATE "C" NOT NULL,
    version        BIGINT           NOT NULL,
    head           BYTEA            NOT NULL,
    applied        BIGINT           NOT NULL,
    digest         BYTEA            NOT NULL,
    config         BYTEA            NOT NULL,
    PRIMARY KEY (city, version)
);

-- refuse_change is kit's.
CREATE TRIGGER city_configs_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON city_configs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
