-- +goose Up

-- The journal is cut by the month of its aggregates. What is there becomes one partition up to a month that nothing reaches yet, whoever still writes by the
-- schema before. This asks nothing of the rows; 0004 reads them without keeping anybody from writing.
-- +goose StatementBegin
DO $$
DECLARE
    written INTEGER := (SELECT max(month) FROM journal);
    present INTEGER := to_char(now() AT TIME ZONE 'utc', 'YYYYMM');
    bound   DATE := to_date(greatest(written, present)::text, 'YYYYMM');
BEGIN
    IF written IS NOT NULL THEN
        bound := bound + INTERVAL '2 months';
    END IF;
    EXECUTE format('ALTER TABLE journal ADD CONSTRAINT journal_before_month CHECK (month < %s) NOT VALID', to_char(bound, 'YYYYMM'));
END $$;
-- +goose StatementEnd
