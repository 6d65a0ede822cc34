package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Filing is the id of the content row that holds what was filed.
const Filing = "filing"

// Content is one erasable row: a text, who wrote it, and for the filing how to reach the filer. Its kind and author are words of
// the use cases; the store only keeps them.
type Content struct {
	ID         string
	Kind       string
	Author     string
	Person     string // id of who wrote it; empty for a caller
	CreateTime time.Time
	Title      string // of the filing
	Body       string
	Name       string // of the filer, in the filing
	Phone      string // of the filer, in the filing
	secret     []byte // key of the HMAC; goes with the row
}

// NewContent makes a row with a key of its own.
func NewContent(c Content) Content {
	c.secret = make([]byte, sha256.Size)
	if _, err := rand.Read(c.secret); err != nil {
		panic("store: no randomness: " + err.Error()) // crypto/rand ends the process itself before this
	}
	return c
}

// MAC is what the history keeps of a content: it proves what was written as long as the row exists, and says nothing without the row's
// key.
func (c *Content) MAC() []byte {
	h := hmac.New(sha256.New, c.secret)
	for _, part := range []string{c.Title, c.Body, c.Name, c.Phone} {
		h.Write(binary.AppendUvarint(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}

const insertContent = `INSERT INTO contents (city, month, ticket, id, kind, author, person, create_time, title, body, name, phone, secret)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`

// AddContent writes a row.
func AddContent(k Key, c *Content) change.Statement {
	return change.Exec(insertContent, k.City, k.Month, k.ID, c.ID, c.Kind, c.Author, c.Person, c.CreateTime.UnixMicro(),
		c.Title, c.Body, c.Name, c.Phone, c.secret)
}

const selectContent = `SELECT id, kind, author, person, create_time, title, body, name, phone, secret FROM contents
	WHERE city = $1 AND month = $2 AND ticket = $3`

// Contents returns all rows of a ticket by id. Erased ones are missing.
func (s *Store) Contents(ctx context.Context, k Key) (map[string]*Content, error) {
	all, err := sqldb.Collect(scanContent)(s.db.Query(ctx, selectContent, k.City, k.Month, k.ID))
	byID := make(map[string]*Content, len(all))
	for _, c := range all {
		byID[c.ID] = c
	}
	return byID, err
}

// NoteKind is the kind of the texts that EachNote reads.
const NoteKind = "INTERNAL_NOTE"

// EachNote calls each for every internal note in one state of the database.
func EachNote(ctx context.Context, r sqldb.Reader, each func(Key, *Content) error) error {
	rows, err := r.Query(ctx, `SELECT city, month, ticket, id, author, body, secret FROM contents WHERE kind = $1`, NoteKind)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k Key
		var c Content
		if err := rows.Scan(&k.City, &k.Month, &k.ID, &c.ID, &c.Author, &c.Body, &c.secret); err != nil {
			return err
		}
		if err := each(k, &c); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Filing is the words in which a ticket was filed, or nothing when they were erased.
func (s *Store) Filing(ctx context.Context, k Key) (*Content, error) {
	c, err := scanContent(s.db.QueryRow(ctx, selectContent+` AND id = $4`, k.City, k.Month, k.ID, Filing))
	if errors.Is(err, sqldb.ErrNoRows) {
		return &Content{ID: Filing}, nil
	}
	return c, err
}

func scanContent(row sqldb.Row) (*Content, error) {
	c := &Content{}
	var created int64
	err := row.Scan(&c.ID, &c.Kind, &c.Author, &c.Person, &created, &c.Title, &c.Body, &c.Name, &c.Phone, &c.secret)
	c.CreateTime = time.UnixMicro(created).UTC()
	return c, err
}
