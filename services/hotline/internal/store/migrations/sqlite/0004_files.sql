-- A file of a ticket, from its announcement on: an erasable row, since its name may be about anybody. The history keeps the hashes. blob and
-- clean are ids in the blob store: of the file as it was sent, and of what others see; they are one when nothing had to be taken out.
CREATE TABLE attachments (
    city         TEXT    NOT NULL,
    month        INTEGER NOT NULL,
    ticket       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    reason       TEXT    NOT NULL, -- why it was refused
    kind         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    author       TEXT    NOT NULL,
    person       TEXT    NOT NULL,
    size         INTEGER NOT NULL,
    sha256       BLOB    NOT NULL,
    received     INTEGER NOT NULL, -- bytes that have arrived
    blob         TEXT    NOT NULL,
    clean        TEXT    NOT NULL,
    clean_size   INTEGER NOT NULL,
    clean_sha256 BLOB    NOT NULL,
    media_type   TEXT    NOT NULL,
    create_time  INTEGER NOT NULL, -- of the city's clock, like ready_time
    ready_time   INTEGER,
    touch_time   INTEGER NOT NULL, -- of the wall clock, like expire_time
    expire_time  INTEGER NOT NULL,
    PRIMARY KEY (city, month, ticket, id)
) WITHOUT ROWID;
CREATE INDEX attachments_unfinished ON attachments (expire_time) WHERE state IN ('ANNOUNCED', 'UPLOADING');
CREATE INDEX attachments_blob ON attachments (blob);
CREATE INDEX attachments_clean ON attachments (clean) WHERE clean <> '';
