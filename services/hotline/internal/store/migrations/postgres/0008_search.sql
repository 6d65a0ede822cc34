-- What tickets (month of the ticket) and enterprises (month 0) are found by: tokens made in one place for every engine, so that all find the same. A row goes with
-- the text that it is made of.
CREATE TABLE search_texts (
    city   TEXT    NOT NULL,
    month  INTEGER NOT NULL,
    thing  TEXT    NOT NULL, -- id of the ticket, or of the enterprise
    tokens TEXT    NOT NULL,
    PRIMARY KEY (city, month, thing)
);
CREATE INDEX search_words ON search_texts USING gin (string_to_array(tokens, ' '));

CREATE FUNCTION forget_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM search_texts WHERE city = old.city AND month = old.month AND thing = old.ticket;
    RETURN NULL;
END $$;
CREATE TRIGGER contents_forgotten AFTER DELETE ON contents FOR EACH ROW WHEN (old.id = 'filing') EXECUTE FUNCTION forget_search_text();
