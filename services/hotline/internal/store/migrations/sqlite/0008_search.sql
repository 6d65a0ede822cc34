-- What tickets (month of the ticket) and enterprises (month 0) are found by: tokens made in one place for every engine, so that all find the same. A row goes with
-- the text that it is made of.
CREATE TABLE search_texts (
    id     INTEGER PRIMARY KEY,
    city   TEXT    NOT NULL,
    month  INTEGER NOT NULL,
    thing  TEXT    NOT NULL, -- id of the ticket, or of the enterprise
    tokens TEXT    NOT NULL
);
CREATE UNIQUE INDEX search_texts_place ON search_texts (city, month, thing);
CREATE VIRTUAL TABLE search_words USING fts5(tokens, content = 'search_texts', content_rowid = 'id', tokenize = 'ascii', detail = 'none');

CREATE TRIGGER search_texts_added AFTER INSERT ON search_texts
BEGIN INSERT INTO search_words (rowid, tokens) VALUES (new.id, new.tokens); END;
CREATE TRIGGER search_texts_gone AFTER DELETE ON search_texts
BEGIN INSERT INTO search_words (search_words, rowid, tokens) VALUES ('delete', old.id, old.tokens); END;
CREATE TRIGGER contents_forgotten AFTER DELETE ON contents WHEN old.id = 'filing'
BEGIN DELETE FROM search_texts WHERE city = old.city AND month = old.month AND thing = old.ticket; END;
