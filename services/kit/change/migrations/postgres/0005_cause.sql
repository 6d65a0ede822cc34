-- Which traced work an event was written by goes with its place in the feed, whichever process tells of it. Most work is not traced.
SET LOCAL lock_timeout = '5s';
ALTER TABLE feed ADD COLUMN cause TEXT COLLATE "C"; -- in the order in which feed_advance takes them
ALTER TABLE outbox ADD COLUMN cause TEXT COLLATE "C";

CREATE OR REPLACE FUNCTION feed_advance(most INTEGER, OUT moved BIGINT, OUT head BIGINT) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('feed of ' || current_schema()));
    SELECT coalesce(max(position), 0) INTO head FROM feed;
    WITH taken AS (
        DELETE FROM outbox WHERE id IN (SELECT o.id FROM outbox o ORDER BY o.id LIMIT most)
        RETURNING id, city, aggregate, version, month, cause
    )
    INSERT INTO feed (position, city, aggregate, version, month, cause)
    SELECT head + row_number() OVER (ORDER BY id), city, aggregate, version, month, cause FROM taken;
    GET DIAGNOSTICS moved = ROW_COUNT;
    head := head + moved;
END $$;
