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

// Attachment is the row of a file. Kind and author are words of the use cases; the store only keeps them.
type Attachment struct {
	Key
	Attachment  string // id
	State       string
	Reason      string // why it was refused
	Kind        string
	Name        string
	Author      string
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
func (a *Attachment) Open() bool { return a.State == Announced || a.State == Uploading }

const (
	attachmentColumns = `city, month, ticket, id, state, reason, kind, name, author, person, size, sha256, received, blob, clean, clean_size, clean_sha256,
		media_type, create_time, ready_time, touch_time, expire_time`
	insertAttachment = `INSERT INTO attachments (` + attachmentColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`
	selectAttachment  = `SELECT ` + attachmentColumns + ` FROM attachments WHERE city = $1 AND month = $2 AND ticket = $3`
	attachmentIsOpen  = ` AND state IN ('ANNOUNCED', 'UPLOADING')`
	whereAttachment   = ` WHERE city = $1 AND month = $2 AND ticket = $3 AND id = $4` + attachmentIsOpen
	receiveAttachment = `UPDATE attachments SET state = 'UPLOADING', received = $5, touch_time = $6` + whereAttachment + ` AND received = $7`
	readyAttachment   = `UPDATE attachments SET state = 'READY', clean = $5, clean_size = $6, clean_sha256 = $7, media_type = $8, ready_time = $9` +
		whereAttachment
	endAttachment = `UPDATE attachments SET state = $5, reason = $6` + whereAttachment
)

// AddAttachment writes the row of a file that was announced.
func AddAttachment(a *Attachment) change.Statement {
	return change.Exec(insertAttachment, a.City, a.Month, a.ID, a.Attachment, a.State, a.Reason, a.Kind, a.Name, a.Author, a.Person, a.Size, a.SHA256, a.Received,
		a.Blob, a.Clean, a.CleanSize, notNil(a.CleanSHA256), a.MediaType, a.CreateTime.UnixMicro(), micros(a.ReadyTime), a.TouchTime.UnixMicro(),
		a.ExpireTime.UnixMicro())
}

func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Receive moves an open file on, from where it was when it was read.
func Receive(a *Attachment, received int64, now time.Time) change.Statement {
	return change.Guard(receiveAttachment, a.City, a.Month, a.ID, a.Attachment, received, now.UnixMicro(), a.Received)
}

// MakeReady ends an open file well: with its rendition as the row now has it.
func MakeReady(a *Attachment) change.Statement {
	return change.Guard(readyAttachment, a.City, a.Month, a.ID, a.Attachment, a.Clean, a.CleanSize, a.CleanSHA256, a.MediaType, a.ReadyTime.UnixMicro())
}

// End ends an open file otherwise.
func End(a *Attachment, state, reason string) change.Statement {
	return change.Guard(endAttachment, a.City, a.Month, a.ID, a.Attachment, state, reason)
}

// Attachments returns the files of a ticket, oldest first.
func (s *Store) Attachments(ctx context.Context, k Key) ([]*Attachment, error) {
	return sqldb.Collect(scanAttachment)(s.db.Query(ctx, selectAttachment+` ORDER BY id`, k.City, k.Month, k.ID))
}

// Attachment returns a file, or ErrNotFound.
func (s *Store) Attachment(ctx context.Context, k Key, id string) (*Attachment, error) {
	a, err := scanAttachment(s.db.QueryRow(ctx, selectAttachment+` AND id = $4`, k.City, k.Month, k.ID, id))
	return a, absent(err)
}

// ExpiredAttachments returns open files that have not arrived and whose time is over.
func (s *Store) ExpiredAttachments(ctx context.Context, now time.Time, limit int) ([]*Attachment, error) {
	const text = `SELECT ` + attachmentColumns + ` FROM attachments WHERE expire_time <= $1 AND received < size` + attachmentIsOpen + ` ORDER BY expire_time LIMIT $2`
	return sqldb.Collect(scanAttachment)(s.db.Query(ctx, text, now.UnixMicro(), limit))
}

// UnjudgedAttachments returns files that have arrived whole and that nobody has judged since an instant.
func (s *Store) UnjudgedAttachments(ctx context.Context, since time.Time, limit int) ([]*Attachment, error) {
	const text = `SELECT ` + attachmentColumns + ` FROM attachments WHERE received = size AND touch_time < $1` + attachmentIsOpen +
		` ORDER BY expire_time LIMIT $2`
	return sqldb.Collect(scanAttachment)(s.db.Query(ctx, text, since.UnixMicro(), limit))
}

// BlobInUse tells whether some row still needs a blob.
func (s *Store) BlobInUse(ctx context.Context, blob string) (bool, error) {
	const text = `SELECT count(*) FROM attachments WHERE (blob = $1 OR clean = $1) AND state IN ('ANNOUNCED', 'UPLOADING', 'READY')`
	var n int
	err := s.db.QueryRow(ctx, text, blob).Scan(&n)
	return n > 0, err
}

func scanAttachment(row sqldb.Row) (*Attachment, error) {
	a := &Attachment{}
	var created, touched, expires int64
	var ready *int64
	err := row.Scan(&a.City, &a.Month, &a.ID, &a.Attachment, &a.State, &a.Reason, &a.Kind, &a.Name, &a.Author, &a.Person, &a.Size, &a.SHA256, &a.Received,
		&a.Blob, &a.Clean, &a.CleanSize, &a.CleanSHA256, &a.MediaType, &created, &ready, &touched, &expires)
	if err != nil {
		return nil, err
	}
	a.CreateTime, a.TouchTime, a.ExpireTime = time.UnixMicro(created).UTC(), time.UnixMicro(touched).UTC(), time.UnixMicro(expires).UTC()
	if len(a.CleanSHA256) == 0 {
		a.CleanSHA256 = nil
	}
	if ready != nil {
		a.ReadyTime = time.UnixMicro(*ready).UTC()
	}
	return a, nil
}
