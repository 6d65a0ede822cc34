CREATE TABLE journal (
    city      TEXT COLLATE "C" NOT NULL,
    month     INTEGER          NOT NULL,
    aggregate TEXT COLLATE "C" NOT NULL,
    version   BIGINT           NOT NULL,
    envelope  BYTEA            NOT NULL,
    hash      BYTEA            NOT NULL,
    previous  BYTEA            NOT NULL,
    PRIMARY KEY (city, month, aggregate, version)
);

-- Committed events that have no position yet. The sequencer empties it all the time, so it must be vacuumed all the time.
CREATE TABLE outbox (
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city      TEXT COLLATE "C" NOT NULL,
    aggregate TEXT COLLATE "C" NOT NULL,
    version   BIGINT           NOT NULL,
    month     INTEGER          NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE feed (
    position  BIGINT PRIMARY KEY,
    city      TEXT COLLATE "C" NOT NULL,
    aggregate TEXT COLLATE "C" NOT NULL,
    version   BIGINT           NOT NULL,
    month     INTEGER          NOT NULL
);

CREATE TABLE due (
    city         TEXT COLLATE "C" NOT NULL,
    aggregate    TEXT COLLATE "C" NOT NULL,
    at           BIGINT           NOT NULL,
    leased_until BIGINT           NOT NULL DEFAULT 0,
    attempts     INTEGER          NOT NULL DEFAULT 0,
    set_aside    INTEGER          NOT NULL DEFAULT 0,
    PRIMARY KEY (city, aggregate)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX due_waiting ON due (at, city, aggregate) WHERE set_aside = 0;
CREATE INDEX due_set_aside ON due (at) WHERE set_aside = 1;

CREATE TABLE request_seen (
    city      TEXT COLLATE "C" NOT NULL,
    person    TEXT COLLATE "C" NOT NULL,
    method    TEXT COLLATE "C" NOT NULL,
    id        TEXT COLLATE "C" NOT NULL,
    body_hash BYTEA            NOT NULL,
    resource  TEXT COLLATE "C" NOT NULL,
    expires   BIGINT,
    PRIMARY KEY (city, person, method, id)
);
CREATE INDEX request_seen_expiring ON request_seen (expires) WHERE expires IS NOT NULL;

CREATE TABLE feed_cursor (
    consumer TEXT COLLATE "C" PRIMARY KEY,
    position BIGINT NOT NULL
) WITH (fillfactor = 50);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER journal_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON feed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A guarded statement that touched nothing ends the whole change.
CREATE FUNCTION change_guard(touched BIGINT) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF touched = 0 THEN
        RAISE EXCEPTION 'a guarded statement touched no row' USING ERRCODE = 'TT001';
    END IF;
END $$;

-- A decision must be written while it is fresh. The transaction began when the change arrived; what the caller had spent
-- before that, it says itself.
CREATE FUNCTION change_fresh(spent DOUBLE PRECISION, allowed DOUBLE PRECISION) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF spent + extract(epoch FROM clock_timestamp() - transaction_timestamp()) > allowed THEN
        RAISE EXCEPTION 'the decision is too old to be written' USING ERRCODE = 'TT002';
    END IF;
END $$;

-- The sequencer's one step: committed outbox rows get the next positions. The lock makes it one at a time per database, and
-- every statement after it sees what the holder before committed. An aggregate's events keep their order because an event
-- can only be written after its predecessor's commit, hence with a greater id, and every snapshot that shows it shows both.
CREATE FUNCTION feed_advance(most INTEGER, OUT moved BIGINT, OUT head BIGINT) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('feed of ' || current_schema()));
    SELECT coalesce(max(position), 0) INTO head FROM feed;
    WITH taken AS (
        DELETE FROM outbox WHERE id IN (SELECT o.id FROM outbox o ORDER BY o.id LIMIT most)
        RETURNING id, city, aggregate, version, month
    )
    INSERT INTO feed (position, city, aggregate, version, month)
    SELECT head + row_number() OVER (ORDER BY id), city, aggregate, version, month FROM taken;
    GET DIAGNOSTICS moved = ROW_COUNT;
    head := head + moved;
END $$;
