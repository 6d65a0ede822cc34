package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/throughtrain/throughtrain/services/directory/internal/session"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

const sessionColumns = `SELECT city, id, person, kind, started, used, ended, token, previous FROM sessions `

// Session returns a session, ended ones included; ErrNotFound if there is none.
func (s *Store) Session(ctx context.Context, city, id string) (session.Session, error) {
	one, err := scanSession(s.DB().QueryRow(ctx, sessionColumns+`WHERE city = $1 AND id = $2`, city, id))
	return one, found(err)
}

// LiveSessions returns the sessions of a person that have not been ended, whether or not their time has run out.
func (s *Store) LiveSessions(ctx context.Context, city, person string) ([]session.Session, error) {
	return sqldb.Collect(scanSession)(s.DB().Query(ctx, sessionColumns+`WHERE city = $1 AND person = $2 AND ended IS NULL ORDER BY id`, city, person))
}

// SignedIn is when a person signed in last; zero when no session of theirs is kept.
func (s *Store) SignedIn(ctx context.Context, city, person string) (time.Time, error) {
	var last sql.NullInt64
	err := s.DB().QueryRow(ctx, `SELECT max(started) FROM sessions WHERE city = $1 AND person = $2`, city, person).Scan(&last)
	return maybeInstant(last), err
}

func scanSession(row sqldb.Row) (session.Session, error) {
	var x session.Session
	var started, used int64
	var ended sql.NullInt64
	if err := row.Scan(&x.City, &x.ID, &x.Person, (*string)(&x.Kind), &started, &used, &ended, &x.Hash, &x.Previous); err != nil {
		return x, err
	}
	x.Started, x.Used, x.Ended = instant(started), instant(used), maybeInstant(ended)
	return x, nil
}

// AddSession stores a new session.
func AddSession(c *change.Change, x session.Session) {
	c.Statements = append(c.Statements, change.Exec(`INSERT INTO sessions (city, id, person, kind, started, used, expires, token)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		x.City, x.ID, x.Person, string(x.Kind), micros(x.Started), micros(x.Used), micros(x.Until()), x.Hash))
}

// RotateSession stores a session with its next token, if the newest is still the one that was read: of two who rotate at
// once, one conflicts and reads again.
func RotateSession(c *change.Change, before, after session.Session) {
	c.Statements = append(c.Statements, change.Guard(`UPDATE sessions SET used = $1, expires = $2, token = $3, previous = $4
		WHERE city = $5 AND id = $6 AND ended IS NULL AND token = $7`,
		micros(after.Used), micros(after.Until()), after.Hash, after.Previous, after.City, after.ID, before.Hash))
}

// EndSession ends one session that still lives.
func EndSession(c *change.Change, x session.Session, wall time.Time) {
	c.Statements = append(c.Statements, change.Guard(`UPDATE sessions SET ended = $1 WHERE city = $2 AND id = $3 AND ended IS NULL`,
		micros(wall), x.City, x.ID))
}

// EndSessions ends every session of a person but one; an empty id spares none.
func EndSessions(c *change.Change, city, person, but string, wall time.Time) {
	c.Statements = append(c.Statements, change.Exec(`UPDATE sessions SET ended = $1 WHERE city = $2 AND person = $3 AND id <> $4 AND ended IS NULL`,
		micros(wall), city, person, but))
}

// Password is what is kept of an official's password.
type Password struct {
	City, Person string
	Hash         string
	Initial      Initial
	Changed      time.Time
}

// Initial is whether a password was given to its owner rather than chosen by them.
type Initial int64

// The states of a password.
const (
	Own   Initial = 0
	Given Initial = 1 // signs in once
	Spent Initial = 2 // has signed in; good for nothing but choosing an own one
)

// Password returns a person's password; ErrNotFound if there is none.
func (s *Store) Password(ctx context.Context, city, person string) (Password, error) {
	p := Password{City: city, Person: person}
	var changed int64
	err := s.DB().QueryRow(ctx, `SELECT hash, initial, changed FROM passwords WHERE city = $1 AND person = $2`, city, person).
		Scan(&p.Hash, (*int64)(&p.Initial), &changed)
	p.Changed = instant(changed)
	return p, found(err)
}

// AddPassword stores a first password; it conflicts if there is one.
func AddPassword(c *change.Change, p Password) {
	c.Statements = append(c.Statements, change.Guard(`INSERT INTO passwords (city, person, hash, initial, changed) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (city, person) DO NOTHING`, p.City, p.Person, p.Hash, int64(p.Initial), micros(p.Changed)))
}

// SavePassword stores a password in the place of the one that was read.
func SavePassword(c *change.Change, before, after Password) {
	c.Statements = append(c.Statements, change.Guard(`UPDATE passwords SET hash = $1, initial = $2, changed = $3
		WHERE city = $4 AND person = $5 AND hash = $6 AND initial = $7`,
		after.Hash, int64(after.Initial), micros(after.Changed), after.City, after.Person, before.Hash, int64(before.Initial)))
}
