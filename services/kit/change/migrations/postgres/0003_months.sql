-- The journal is cut by the month of its aggregates. What is there becomes one partition up to a month that nothing reaches yet, whoever still writes by the
-- schema before: two months after all there is. No row is looked at for that; 0004 looks without keeping anybody from writing. Whoever has to wait long for
-- somebody who reads gives up, and tries again at the next start, rather than have all writers wait behind it.
SET LOCAL lock_timeout = '5s';
DO $$
DECLARE
    last  INTEGER := greatest((SELECT max(month) FROM journal), to_char(now() AT TIME ZONE 'utc', 'YYYYMM')::integer);
    bound TEXT := to_char(to_date(last::text, 'YYYYMM') + INTERVAL '2 months', 'YYYYMM');
BEGIN
    EXECUTE format('ALTER TABLE journal ADD CONSTRAINT journal_before_month CHECK (month < %s) NOT VALID', bound);
END $$;
