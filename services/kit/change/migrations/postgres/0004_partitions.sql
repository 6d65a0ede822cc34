ALTER TABLE journal VALIDATE CONSTRAINT journal_before_month;
SET LOCAL lock_timeout = '5s';
-- Its key keeps its name: the version before knows by that when somebody else was quicker, and all that it writes in the next two months lies there.
ALTER TABLE journal RENAME TO journal_before;

CREATE TABLE journal (
    LIKE journal_before,
    CONSTRAINT journal_months_pkey PRIMARY KEY (city, month, aggregate, version)
) PARTITION BY RANGE (month);
CREATE TRIGGER journal_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DO $$
DECLARE bound TEXT := (SELECT substring(pg_get_constraintdef(oid) FROM '\d{6}') FROM pg_constraint WHERE conrelid = 'journal_before'::regclass AND conname = 'journal_before_month');
BEGIN
    IF NOT EXISTS (SELECT FROM journal_before) THEN
        bound := to_char(now() AT TIME ZONE 'utc', 'YYYYMM'); -- a new city's months begin with this one
    END IF;
    EXECUTE format('ALTER TABLE journal ATTACH PARTITION journal_before FOR VALUES FROM (MINVALUE) TO (%s)', bound);
    ALTER TABLE journal_before DROP CONSTRAINT journal_before_month; -- the partition's bound says it now
END $$;

-- An event of a month that nobody has made is kept all the same.
CREATE TABLE journal_other PARTITION OF journal DEFAULT;
CREATE TRIGGER journal_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_other FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Makes the partitions of the present month and of so many after it that are missing, and says how many it made. A month of which something lies among the others
-- stays there. A partition is made beside the journal and joins it in one step, for which those who write wait only
-- where they write among the others, and those who read all months; it takes as long as to see that the others have nothing of it.
CREATE FUNCTION journal_ahead(months INTEGER, OUT made INTEGER) LANGUAGE plpgsql AS $$
DECLARE
    present DATE := date_trunc('month', now() AT TIME ZONE 'utc');
    bound   INTEGER := (SELECT substring(pg_get_expr(relpartbound, oid) FROM 'TO \((\d+)\)') FROM pg_class WHERE oid = 'journal_before'::regclass);
    wanted  INTEGER;
    after   INTEGER;
    name    TEXT;
BEGIN
    made := 0;
    PERFORM pg_advisory_xact_lock(hashtext('months of ' || current_schema()));
    FOR n IN 0..months LOOP
        wanted := to_char(present + make_interval(months => n), 'YYYYMM');
        after := to_char(present + make_interval(months => n + 1), 'YYYYMM');
        name := 'journal_' || wanted;
        IF wanted >= bound AND to_regclass(name) IS NULL AND NOT EXISTS (SELECT FROM journal_other o WHERE o.month = wanted) THEN
            EXECUTE format('CREATE TABLE %I (LIKE journal INCLUDING ALL)', name);
            EXECUTE format('CREATE TRIGGER journal_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
            EXECUTE format('ALTER TABLE journal ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', name, wanted, after);
            made := made + 1;
        END IF;
    END LOOP;
END $$;

-- The first ones are there before anything is written.
SELECT journal_ahead(3);
