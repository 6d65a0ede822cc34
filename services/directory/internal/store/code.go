package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/throughtrain/throughtrain/services/directory/internal/session"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Challenge returns a code that was sent and not used; ErrNotFound if there is none.
func (s *Store) Challenge(ctx context.Context, city, id string) (session.Challenge, error) {
	x := session.Challenge{City: city, ID: id}
	var expires int64
	err := s.DB().QueryRow(ctx, `SELECT phone, code, expires, tries FROM codes WHERE city = $1 AND id = $2`, city, id).
		Scan((*string)(&x.Phone), &x.CodeMac, &expires, &x.Tries)
	x.Expires = instant(expires)
	return x, found(err)
}

// AddChallenge stores a code that is about to be sent.
func AddChallenge(c *change.Change, x session.Challenge) {
	c.Statements = append(c.Statements, change.Exec(`INSERT INTO codes (city, id, phone, code, expires, tries) VALUES ($1, $2, $3, $4, $5, $6)`,
		x.City, x.ID, string(x.Phone), x.CodeMac, micros(x.Expires), x.Tries))
}

// CountTry counts a wrong try. A verdict may only be told after this is written: of several who try at once, one counts and
// the others judge again.
func CountTry(c *change.Change, x session.Challenge) {
	c.Statements = append(c.Statements, change.Guard(`UPDATE codes SET tries = tries + 1 WHERE city = $1 AND id = $2 AND tries = $3`, x.City, x.ID, x.Tries))
}

// UseChallenge takes the code away, and with it the phone. One of several wins.
func UseChallenge(c *change.Change, x session.Challenge) {
	c.Statements = append(c.Statements, change.Guard(`DELETE FROM codes WHERE city = $1 AND id = $2 AND tries = $3`, x.City, x.ID, x.Tries))
}

// Limit is one count or log of something limited.
type Limit struct {
	City, Kind string
	Subject    []byte // keyed hash: nobody's phone or address is kept here
	Version    int64  // 0: not there yet
	Count      int
	Last       time.Time
	Log        session.Log
	Expires    time.Time // when it is of no more use
}

// Limit returns a count; an empty one with Version 0 if there is none.
func (s *Store) Limit(ctx context.Context, city, kind string, subject []byte) (Limit, error) {
	l := Limit{City: city, Kind: kind, Subject: subject}
	var last, expires int64
	var log string
	err := s.DB().QueryRow(ctx, `SELECT version, count, last, log, expires FROM limits WHERE city = $1 AND kind = $2 AND subject = $3`,
		city, kind, subject).Scan(&l.Version, &l.Count, &last, &log, &expires)
	if err := found(err); errors.Is(err, ErrNotFound) {
		return l, nil
	} else if err != nil {
		return l, err
	}
	l.Last, l.Expires = instant(last), instant(expires)
	var instants []int64
	if err := json.Unmarshal([]byte(log), &instants); err != nil {
		return l, fmt.Errorf("store: log of a limit: %w", err)
	}
	for _, at := range instants {
		l.Log = append(l.Log, instant(at))
	}
	return l, nil
}

// SaveLimit stores a count that was read and decided upon; it conflicts when somebody counted meanwhile.
func SaveLimit(c *change.Change, l Limit) error {
	instants := make([]int64, len(l.Log))
	for i, at := range l.Log {
		instants[i] = micros(at)
	}
	log, err := json.Marshal(instants)
	if err != nil {
		return err
	}
	if l.Version == 0 {
		c.Statements = append(c.Statements, change.Guard(`INSERT INTO limits (city, kind, subject, version, count, last, log, expires)
			VALUES ($1, $2, $3, 1, $4, $5, $6, $7) ON CONFLICT (city, kind, subject) DO NOTHING`,
			l.City, l.Kind, l.Subject, l.Count, micros(l.Last), string(log), micros(l.Expires)))
		return nil
	}
	c.Statements = append(c.Statements, change.Guard(`UPDATE limits SET version = version + 1, count = $1, last = $2, log = $3, expires = $4
		WHERE city = $5 AND kind = $6 AND subject = $7 AND version = $8`,
		l.Count, micros(l.Last), string(log), micros(l.Expires), l.City, l.Kind, l.Subject, l.Version))
	return nil
}

// CountUpTo counts one more of something of which there may be so many, and conflicts when there are. Unlike SaveLimit it
// depends on nothing that was read, so a crowd does not get into each other's way.
func CountUpTo(c *change.Change, l Limit, most int) {
	c.Statements = append(c.Statements, change.Guard(`INSERT INTO limits (city, kind, subject, version, count, last, log, expires)
		VALUES ($1, $2, $3, 1, 1, $4, '[]', $5)
		ON CONFLICT (city, kind, subject) DO UPDATE SET count = limits.count + 1, version = limits.version + 1 WHERE limits.count < $6`,
		l.City, l.Kind, l.Subject, micros(l.Last), micros(l.Expires), most))
}

// CountBack takes one back.
func CountBack(c *change.Change, l Limit) {
	c.Statements = append(c.Statements, change.Exec(`UPDATE limits SET count = count - 1, version = version + 1
		WHERE city = $1 AND kind = $2 AND subject = $3 AND count > 0`, l.City, l.Kind, l.Subject))
}

// ForgetLimit drops a count.
func ForgetLimit(c *change.Change, l Limit) {
	c.Statements = append(c.Statements, change.Exec(`DELETE FROM limits WHERE city = $1 AND kind = $2 AND subject = $3`, l.City, l.Kind, l.Subject))
}

// Sweep returns what deletes, by the wall clock, everything whose time is over: codes with the phones in them, counts, and
// sessions so long ago that no token of theirs can be presented as stolen.
func Sweep(now time.Time) *change.Change {
	const sessionsKept = 180 * 24 * time.Hour
	return &change.Change{Statements: []change.Statement{
		change.Exec(`DELETE FROM codes WHERE expires < $1`, micros(now)),
		change.Exec(`DELETE FROM limits WHERE expires < $1`, micros(now)),
		change.Exec(`DELETE FROM revocations WHERE expires < $1`, micros(now)),
		change.Exec(`DELETE FROM sessions WHERE expires < $1`, micros(now.Add(-sessionsKept))),
	}}
}
