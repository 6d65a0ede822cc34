-- A file of a ticket, from its announcement on: an erasable row, since its name may be about anybody. The history keeps the hashes. blob and
-- clean are ids in the blob store: of the file as it was sent, and of what others see; they are one when nothing had to be taken out.
CREATE TABLE attachments (
    city         TEXT COLLATE "C" NOT NULL,
    month        INTEGER          NOT NULL,
    ticket       TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL, -- why it was refused
    kind         TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    author       TEXT COLLATE "C" NOT NULL,
    person       TEXT COLLATE "C" NOT NULL,
    size         BIGINT           NOT NULL,
    sha256       BYTEA            NOT NULL,
    received     BIGINT           NOT NULL, -- bytes that have arrived
    blob         TEXT COLLATE "C" NOT NULL,
    clean        TEXT COLLATE "C" NOT NULL,
    clean_size   BIGINT           NOT NULL,
    clean_sha256 BYTEA            NOT NULL,
    media_type   TEXT COLLATE "C" NOT NULL,
    create_time  BIGINT           NOT NULL, -- of the city's clock, like ready_time
    ready_time   BIGINT,
    touch_time   BIGINT           NOT NULL, -- of the wall clock, like expire_time
    expire_time  BIGINT           NOT NULL,
    PRIMARY KEY (city, month, ticket, id)
);
CREATE INDEX attachments_unfinished ON attachments (expire_time) WHERE state IN ('ANNOUNCED', 'UPLOADING');
CREATE INDEX attachments_blob ON attachments (blob);
CREATE INDEX attachments_clean ON attachments (clean) WHERE clean <> '';
