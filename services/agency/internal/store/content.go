package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Opening is the id of the content row that holds the words in which the case was opened.
const Opening = "opening"

// Content is one erasable row: a text, who wrote it, and for the opening whom to speak to. Its kind is a word of the use cases; the
// store only keeps it.
type Content struct {
	ID         string
	Kind       string
	Person     string // id of who wrote it
	CreateTime time.Time
	Title      string // of the project, in the opening
	Body       string
	Name       string // of whom to speak to, in the opening
	Phone      string // of whom to speak to, in the opening
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

const insertContent = `INSERT INTO contents (city, month, case_id, id, kind, person, create_time, title, body, name, phone, secret)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

// AddContent writes a row.
func AddContent(k Key, c *Content) change.Statement {
	return change.Exec(insertContent, k.City, k.Month, k.ID, c.ID, c.Kind, c.Person, c.CreateTime.UnixMicro(),
		c.Title, c.Body, c.Name, c.Phone, c.secret)
}

const selectContent = `SELECT id, kind, person, create_time, title, body, name, phone, secret FROM contents
	WHERE city = $1 AND month = $2 AND case_id = $3`

// Contents returns all rows of a case by id. Erased ones are missing.
func (s *Store) Contents(ctx context.Context, k Key) (map[string]*Content, error) {
	all, err := sqldb.Collect(scanContent)(s.db.Query(ctx, selectContent, k.City, k.Month, k.ID))
	byID := make(map[string]*Content, len(all))
	for _, c := range all {
		byID[c.ID] = c
	}
	return byID, err
}

func scanContent(row sqldb.Row) (*Content, error) {
	c := &Content{}
	var created int64
	err := row.Scan(&c.ID, &c.Kind, &c.Person, &created, &c.Title, &c.Body, &c.Name, &c.Phone, &c.secret)
	c.CreateTime = time.UnixMicro(created).UTC()
	return c, err
}
