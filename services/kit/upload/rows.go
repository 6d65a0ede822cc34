package upload

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/media"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// ErrNotFound says that there is no such file.
var ErrNotFound = errors.New("no such file")

// Rows are the files of a service in a table of its own. The table has the columns below, one for the owner's id, which like city and month is part of its
// key, and a text for each of the service's own words; beside the key it is looked up by expire_time while a file is open, by blob and by clean.
// uploadtest holds a service's table to that.
type Rows struct {
	db                                             sqldb.Reader
	words                                          int
	insert, receive, ready, end                    string
	selectAll, selectOne, expired, unjudged, inUse string
}

const (
	ofFile = `id, state, reason, kind, name, author, person, size, sha256, received, blob, clean, clean_size, clean_sha256, media_type, create_time, ready_time,
		touch_time, expire_time`
	fileColumns = 22 // with city, month and owner
	isOpen      = ` AND state IN ('ANNOUNCED', 'UPLOADING')`
)

// NewRows reads and writes files in a table whose owner's id is in the column owner, and the service's own words in the columns words.
func NewRows(db sqldb.Reader, table, owner string, words ...string) *Rows {
	columns := strings.Join(append([]string{"city", "month", owner, ofFile}, words...), ", ")
	values := make([]string, fileColumns+len(words))
	for i := range values {
		values[i] = fmt.Sprintf("$%d", i+1)
	}
	all := "SELECT " + columns + " FROM " + table
	of := " WHERE city = $1 AND month = $2 AND " + owner + " = $3"
	update, where := "UPDATE "+table+" SET ", of+" AND id = $4"+isOpen
	return &Rows{
		db: db, words: len(words),
		insert:    "INSERT INTO " + table + " (" + columns + ") VALUES (" + strings.Join(values, ", ") + ")",
		receive:   update + "state = 'UPLOADING', received = $5, touch_time = $6" + where + " AND received = $7",
		ready:     update + "state = 'READY', clean = $5, clean_size = $6, clean_sha256 = $7, media_type = $8, ready_time = $9" + where,
		end:       update + "state = $5, reason = $6" + where,
		selectAll: all + of + " ORDER BY id",
		selectOne: all + of + " AND id = $4",
		expired:   all + " WHERE expire_time <= $1 AND received < size" + isOpen + " ORDER BY expire_time LIMIT $2",
		unjudged:  all + " WHERE received = size AND touch_time < $1" + isOpen + " ORDER BY expire_time LIMIT $2",
		inUse:     "SELECT count(*) FROM " + table + " WHERE (blob = $1 OR clean = $1) AND state IN ('ANNOUNCED', 'UPLOADING', 'READY')",
	}
}

// Add writes the row of a file that was announced.
func (r *Rows) Add(f *File) change.Statement {
	args := []any{f.Owner.City, f.Owner.Month, f.Owner.ID, f.ID, f.State, f.Reason, f.Kind.String(), f.Name, f.Author, f.Person, f.Size, f.SHA256, f.Received,
		string(f.Blob), string(f.Clean), f.CleanSize, notNil(f.CleanSHA256), f.MediaType, f.CreateTime.UnixMicro(), micros(f.ReadyTime), f.TouchTime.UnixMicro(),
		f.ExpireTime.UnixMicro()}
	for _, word := range f.Words {
		args = append(args, word)
	}
	return change.Exec(r.insert, args...)
}

// Receive moves an open file on, from where it was when it was read.
func (r *Rows) Receive(f *File, received int64, now time.Time) change.Statement {
	return change.Guard(r.receive, f.Owner.City, f.Owner.Month, f.Owner.ID, f.ID, received, now.UnixMicro(), f.Received)
}

// MakeReady ends an open file well: with its rendition as the row now has it.
func (r *Rows) MakeReady(f *File) change.Statement {
	return change.Guard(r.ready, f.Owner.City, f.Owner.Month, f.Owner.ID, f.ID, string(f.Clean), f.CleanSize, f.CleanSHA256, f.MediaType, f.ReadyTime.UnixMicro())
}

// End ends an open file otherwise.
func (r *Rows) End(f *File, state, reason string) change.Statement {
	return change.Guard(r.end, f.Owner.City, f.Owner.Month, f.Owner.ID, f.ID, state, reason)
}

// Files returns the files of an owner, oldest first.
func (r *Rows) Files(ctx context.Context, of Owner) ([]*File, error) {
	return sqldb.Collect(r.scan)(r.db.Query(ctx, r.selectAll, of.City, of.Month, of.ID))
}

// File returns a file, or ErrNotFound.
func (r *Rows) File(ctx context.Context, of Owner, id string) (*File, error) {
	f, err := r.scan(r.db.QueryRow(ctx, r.selectOne, of.City, of.Month, of.ID, id))
	if errors.Is(err, sqldb.ErrNoRows) {
		err = ErrNotFound
	}
	return f, err
}

// Expired returns open files that have not arrived and whose time is over.
func (r *Rows) Expired(ctx context.Context, now time.Time, limit int) ([]*File, error) {
	return sqldb.Collect(r.scan)(r.db.Query(ctx, r.expired, now.UnixMicro(), limit))
}

// Unjudged returns files that have arrived whole and that nobody has judged since an instant.
func (r *Rows) Unjudged(ctx context.Context, since time.Time, limit int) ([]*File, error) {
	return sqldb.Collect(r.scan)(r.db.Query(ctx, r.unjudged, since.UnixMicro(), limit))
}

// InUse tells whether some row still needs a blob.
func (r *Rows) InUse(ctx context.Context, id blob.ID) (bool, error) {
	var n int
	err := r.db.QueryRow(ctx, r.inUse, string(id)).Scan(&n)
	return n > 0, err
}

func (r *Rows) scan(row sqldb.Row) (*File, error) {
	f := &File{Words: make([]string, r.words)}
	var kind string
	var created, touched, expires int64
	var ready *int64
	into := []any{&f.Owner.City, &f.Owner.Month, &f.Owner.ID, &f.ID, &f.State, &f.Reason, &kind, &f.Name, &f.Author, &f.Person, &f.Size, &f.SHA256, &f.Received,
		(*string)(&f.Blob), (*string)(&f.Clean), &f.CleanSize, &f.CleanSHA256, &f.MediaType, &created, &ready, &touched, &expires}
	for i := range f.Words {
		into = append(into, &f.Words[i])
	}
	if err := row.Scan(into...); err != nil {
		return nil, err
	}
	f.Kind = media.KindOf(kind)
	f.CreateTime, f.TouchTime, f.ExpireTime = time.UnixMicro(created).UTC(), time.UnixMicro(touched).UTC(), time.UnixMicro(expires).UTC()
	if len(f.CleanSHA256) == 0 {
		f.CleanSHA256 = nil
	}
	if ready != nil {
		f.ReadyTime = time.UnixMicro(*ready).UTC()
	}
	return f, nil
}

func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}
