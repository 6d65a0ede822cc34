package store

import (
	"context"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// The states of a file, by the contract's words.
const (
	Announced = "ANNOUNCED"
	Uploading = "UPLOADING"
	Ready     = "READY"
	Refused   = "REFUSED"
	Expired   = "EXPIRED"
)

// Document is the row of a file. Purpose and supplier are words of the domain; the store only keeps them.
type Document struct {
	Key
	Document    string // id
	State       string
	Reason      string // why it was refused
	Purpose     string
	Material    string // code of the material; empty when it is none
	ValidUntil  string // last day of its validity, YYYY-MM-DD; empty for no end
	Name        string
	Supplier    string
	Person      string // id of who announced it
	Size        int64
	SHA256      []byte
	Received    int64 // bytes that have arrived
	Blob        string
	Clean       string // of the rendition; empty until there is one
	CleanSize   int64
	CleanSHA256 []byte
	MediaType   string
	CreateTime  time.Time // city clock
	ReadyTime   time.Time // city clock
	TouchTime   time.Time // wall clock
	ExpireTime  time.Time // wall clock
}

// Open tells whether the file still takes pieces.
func (d *Document) Open() bool { return d.State == Announced || d.State == Uploading }

const (
	documentColumns = `city, month, case_id, id, state, reason, purpose, material, valid_until, name, supplier, person, size, sha256, received, blob, clean,
		clean_size, clean_sha256, media_type, create_time, ready_time, touch_time, expire_time`
	insertDocument = `INSERT INTO documents (` + documentColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`
	selectDocument  = `SELECT ` + documentColumns + ` FROM documents WHERE city = $1 AND month = $2 AND case_id = $3`
	documentIsOpen  = ` AND state IN ('ANNOUNCED', 'UPLOADING')`
	whereDocument   = ` WHERE city = $1 AND month = $2 AND case_id = $3 AND id = $4` + documentIsOpen
	receiveDocument = `UPDATE documents SET state = 'UPLOADING', received = $5, touch_time = $6` + whereDocument + ` AND received = $7`
	readyDocument   = `UPDATE documents SET state = 'READY', clean = $5, clean_size = $6, clean_sha256 = $7, media_type = $8, ready_time = $9` +
		whereDocument
	endDocument = `UPDATE documents SET state = $5, reason = $6` + whereDocument
)

// AddDocument writes the row of a file that was announced.
func AddDocument(d *Document) change.Statement {
	return change.Exec(insertDocument, d.City, d.Month, d.ID, d.Document, d.State, d.Reason, d.Purpose, d.Material, d.ValidUntil, d.Name, d.Supplier,
		d.Person, d.Size, d.SHA256, d.Received, d.Blob, d.Clean, d.CleanSize, notNil(d.CleanSHA256), d.MediaType,
		d.CreateTime.UnixMicro(), micros(d.ReadyTime), d.TouchTime.UnixMicro(), d.ExpireTime.UnixMicro())
}

// Receive moves an open file on, from where it was when it was read.
func Receive(d *Document, received int64, now time.Time) change.Statement {
	return change.Guard(receiveDocument, d.City, d.Month, d.ID, d.Document, received, now.UnixMicro(), d.Received)
}

// MakeReady ends an open file well: with its rendition as the row now has it.
func MakeReady(d *Document) change.Statement {
	return change.Guard(readyDocument, d.City, d.Month, d.ID, d.Document, d.Clean, d.CleanSize, d.CleanSHA256, d.MediaType, d.ReadyTime.UnixMicro())
}

// End ends an open file otherwise.
func End(d *Document, state, reason string) change.Statement {
	return change.Guard(endDocument, d.City, d.Month, d.ID, d.Document, state, reason)
}

// Documents returns the files of a case, oldest first.
func (s *Store) Documents(ctx context.Context, k Key) ([]*Document, error) {
	return sqldb.Collect(scanDocument)(s.db.Query(ctx, selectDocument+` ORDER BY id`, k.City, k.Month, k.ID))
}

// Document returns a file, or ErrNotFound.
func (s *Store) Document(ctx context.Context, k Key, id string) (*Document, error) {
	d, err := scanDocument(s.db.QueryRow(ctx, selectDocument+` AND id = $4`, k.City, k.Month, k.ID, id))
	return d, absent(err)
}

// ExpiredDocuments returns open files that have not arrived and whose time is over.
func (s *Store) ExpiredDocuments(ctx context.Context, now time.Time, limit int) ([]*Document, error) {
	const text = `SELECT ` + documentColumns + ` FROM documents WHERE expire_time <= $1 AND received < size` + documentIsOpen + ` ORDER BY expire_time LIMIT $2`
	return sqldb.Collect(scanDocument)(s.db.Query(ctx, text, now.UnixMicro(), limit))
}

// UnjudgedDocuments returns files that have arrived whole and that nobody has judged since an instant.
func (s *Store) UnjudgedDocuments(ctx context.Context, since time.Time, limit int) ([]*Document, error) {
	const text = `SELECT ` + documentColumns + ` FROM documents WHERE received = size AND touch_time < $1` + documentIsOpen +
		` ORDER BY expire_time LIMIT $2`
	return sqldb.Collect(scanDocument)(s.db.Query(ctx, text, since.UnixMicro(), limit))
}

// BlobInUse tells whether some row still needs a blob.
func (s *Store) BlobInUse(ctx context.Context, blob string) (bool, error) {
	const text = `SELECT count(*) FROM documents WHERE (blob = $1 OR clean = $1) AND state IN ('ANNOUNCED', 'UPLOADING', 'READY')`
	var n int
	err := s.db.QueryRow(ctx, text, blob).Scan(&n)
	return n > 0, err
}

func scanDocument(row sqldb.Row) (*Document, error) {
	d := &Document{}
	var created, touched, expires int64
	var ready *int64
	err := row.Scan(&d.City, &d.Month, &d.ID, &d.Document, &d.State, &d.Reason, &d.Purpose, &d.Material, &d.ValidUntil, &d.Name, &d.Supplier,
		&d.Person, &d.Size, &d.SHA256, &d.Received, &d.Blob, &d.Clean, &d.CleanSize, &d.CleanSHA256, &d.MediaType, &created, &ready, &touched, &expires)
	if err != nil {
		return nil, err
	}
	d.CreateTime, d.TouchTime, d.ExpireTime = time.UnixMicro(created).UTC(), time.UnixMicro(touched).UTC(), time.UnixMicro(expires).UTC()
	d.ReadyTime = moment(ready)
	if len(d.CleanSHA256) == 0 {
		d.CleanSHA256 = nil
	}
	return d, nil
}
