package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/person"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Person is a person with where their journal stands.
type Person struct {
	person.Person
	History
}

func personAt(city, id string) (At, error) {
	month, err := ids.Month(id)
	return At{City: city, Aggregate: "persons/" + id, Month: month}, err
}

// Person returns a person; ErrNotFound if there is none. Somebody whose data was erased is still a person, without any.
func (s *Store) Person(ctx context.Context, city, id string) (Person, error) {
	const text = `SELECT p.version, p.head, p.changed, coalesce(c.phone, ''), coalesce(c.display_name, ''), coalesce(c.language, '')
		FROM persons p LEFT JOIN person_contents c ON c.city = p.city AND c.person = p.id WHERE p.city = $1 AND p.id = $2`
	p := Person{Person: person.Person{City: city, ID: id}}
	var version, changed int64
	var head []byte
	err := s.DB().QueryRow(ctx, text, city, id).Scan(&version, &head, &changed, (*string)(&p.Phone), &p.DisplayName, &p.Language)
	if err != nil {
		return p, found(err)
	}
	p.History, err = history(version, head, changed)
	return p, err
}

// Entered tells whether anybody ever came in: a phone is known, or a password was used.
func (s *Store) Entered(ctx context.Context) (bool, error) {
	var entered int64
	err := s.DB().QueryRow(ctx, `SELECT CASE WHEN EXISTS (SELECT 1 FROM person_phones) OR EXISTS (SELECT 1 FROM passwords WHERE initial <> $1)
		THEN 1 ELSE 0 END`, int64(Given)).Scan(&entered)
	return entered == 1, err
}

// PersonByPhone returns the id of the person with a phone, given as its keyed hash; ErrNotFound if nobody has it.
func (s *Store) PersonByPhone(ctx context.Context, city string, phone []byte) (string, error) {
	var id string
	err := s.DB().QueryRow(ctx, `SELECT person FROM person_phones WHERE city = $1 AND phone = $2`, city, phone).Scan(&id)
	return id, found(err)
}

// AddPerson adds a person who is not known yet. phone is the keyed hash of the phone, nil for somebody without. If the phone
// has got an owner meanwhile, the commit fails with ErrPhoneTaken (through Taken).
func AddPerson(c *change.Change, p *Person, phone []byte, now time.Time, actor string) error {
	at, err := personAt(p.City, p.ID)
	if err != nil {
		return err
	}
	p.History, err = Append(c, at, History{}, now, actor, &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_PersonCreated{
		PersonCreated: &directoryv1.PersonCreated{Person: p.ID}}})
	if err != nil {
		return err
	}
	c.Statements = append(c.Statements,
		change.Exec(`INSERT INTO persons (city, id, version, head, changed) VALUES ($1, $2, $3, $4, $5)`,
			p.City, p.ID, p.Version, p.Hash[:], micros(p.Time)),
		change.Exec(`INSERT INTO person_contents (city, person, phone, display_name, language) VALUES ($1, $2, $3, $4, $5)`,
			p.City, p.ID, string(p.Phone), p.DisplayName, p.Language))
	if phone != nil {
		c.Statements = append(c.Statements,
			change.Exec(`INSERT INTO person_phones (city, phone, person) VALUES ($1, $2, $3)`, p.City, phone, p.ID))
	}
	return nil
}

// SaveContents stores what a person goes by. It is personal and no event, so the last word counts.
func SaveContents(c *change.Change, p Person) {
	c.Statements = append(c.Statements, change.Guard(`UPDATE person_contents SET display_name = $1, language = $2 WHERE city = $3 AND person = $4`,
		p.DisplayName, p.Language, p.City, p.ID))
}

// appendPerson adds an event to a person's journal and moves the row along.
func appendPerson(c *change.Change, city, id string, h *History, now time.Time, actor string, e *directoryv1.DirectoryEvent) error {
	at, err := personAt(city, id)
	if err != nil {
		return err
	}
	before := h.Version
	if *h, err = Append(c, at, *h, now, actor, e); err != nil {
		return err
	}
	c.Statements = append(c.Statements, change.Guard(`UPDATE persons SET version = $1, head = $2, changed = $3 WHERE city = $4 AND id = $5 AND version = $6`,
		h.Version, h.Hash[:], micros(h.Time), city, id, before))
	return nil
}

// TokenLife bounds how long a revoked access token could still be good: longer than any token lives, leeway included.
const TokenLife = time.Hour

// Revoke says that access tokens are refused before they expire: those of one session, or with an empty session all that the
// person was given up to until, by the wall clock.
func Revoke(c *change.Change, p *Person, session string, now, until time.Time, actor string) error {
	c.Statements = append(c.Statements, change.Exec(`INSERT INTO revocations (city, person, session, issued_until, expires)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (city, person, session) DO UPDATE SET issued_until = excluded.issued_until, expires = excluded.expires`,
		p.City, p.ID, session, micros(until), micros(until.Add(TokenLife))))
	return appendPerson(c, p.City, p.ID, &p.History, now, actor, &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_SessionsRevoked{
		SessionsRevoked: &directoryv1.SessionsRevoked{Person: p.ID, Session: session, IssuedUntilMicros: micros(until)}}})
}

// Revocation is access tokens that are refused.
type Revocation struct {
	City, Person string
	Session      string // empty: everything the person was given
	IssuedUntil  time.Time
}

// Revocations returns what was revoked and may still matter.
func (s *Store) Revocations(ctx context.Context) ([]Revocation, error) {
	const text = `SELECT city, person, session, issued_until FROM revocations WHERE expires > $1`
	return sqldb.Collect(func(row sqldb.Row) (Revocation, error) {
		var r Revocation
		var until int64
		err := row.Scan(&r.City, &r.Person, &r.Session, &until)
		r.IssuedUntil = instant(until)
		return r, err
	})(s.DB().Query(ctx, text, micros(s.wall.Now())))
}

// Unique constraints with a meaning of their own.
const (
	phonePlace = "person_phones_pkey"
	usccPlace  = "enterprises_uscc"
	loginPlace = "officials_login"
)

// What a commit can run into because somebody else was faster.
var (
	ErrPhoneTaken = errors.New("the phone has an owner")
	ErrUSCCTaken  = errors.New("another enterprise has this credit code")
	ErrLoginTaken = errors.New("another official has this login")
)

// Taken tells which of them a commit's error is; other errors come back as they are.
func Taken(err error) error {
	var unique *change.UniqueError
	if !errors.As(err, &unique) {
		return err
	}
	for place, meaning := range map[string]error{phonePlace: ErrPhoneTaken, usccPlace: ErrUSCCTaken, loginPlace: ErrLoginTaken} {
		if unique.Name == place {
			return fmt.Errorf("%w: %w", meaning, err)
		}
	}
	return err
}
