package store

import (
	"context"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// City is the newest configuration of a city, as the directory sent it, and who was dismissed since.
type City struct {
	City      string
	Version   int64
	Revision  int64 // position in the directory's feed of what last changed who serves the city
	Config    []byte
	Dismissed []string
}

// SaveCity keeps a configuration in place of an older one. Who was dismissed before is forgotten: the directory lists nobody
// who is.
func SaveCity(c City) []change.Statement {
	return []change.Statement{
		change.Exec(`INSERT INTO cities (city, version, revision, config) VALUES ($1, $2, $3, $4)
			ON CONFLICT (city) DO UPDATE SET version = excluded.version, revision = excluded.revision, config = excluded.config`,
			c.City, c.Version, c.Revision, c.Config),
		change.Exec(`DELETE FROM dismissals WHERE city = $1`, c.City),
	}
}

// Dismiss takes an official out of a city's roster.
func Dismiss(city, person string, revision int64) []change.Statement {
	return []change.Statement{
		change.Exec(`INSERT INTO dismissals (city, person) VALUES ($1, $2) ON CONFLICT (city, person) DO NOTHING`, city, person),
		change.Exec(`UPDATE cities SET revision = $1 WHERE city = $2`, revision, city),
	}
}

// Revision tells which state of a city's roster is in force; ErrNotFound if the city is not known.
func (s *Store) Revision(ctx context.Context, city string) (int64, error) {
	var revision int64
	err := s.DB().QueryRow(ctx, `SELECT revision FROM cities WHERE city = $1`, city).Scan(&revision)
	return revision, found(err)
}

// ReadCity returns a city's configuration in one state of the database; ErrNotFound if the city is not known.
func (s *Store) ReadCity(ctx context.Context, city string) (City, error) {
	c := City{City: city}
	err := s.DB().Snapshot(ctx, func(r sqldb.Reader) error {
		err := r.QueryRow(ctx, `SELECT version, revision, config FROM cities WHERE city = $1`, city).Scan(&c.Version, &c.Revision, &c.Config)
		if err != nil {
			return found(err)
		}
		c.Dismissed, err = sqldb.Collect(func(row sqldb.Row) (person string, err error) {
			err = row.Scan(&person)
			return person, err
		})(r.Query(ctx, `SELECT person FROM dismissals WHERE city = $1 ORDER BY person`, city))
		return err
	})
	return c, err
}

// Revocation is a sign-in that ended before its tokens expired; without a session, all of a person's up to an instant.
type Revocation struct {
	City, Person, Session string
	At, Expires           time.Time // wall clock
}

// AddRevocation keeps a revocation, and forgets those that concern no living token any more.
func AddRevocation(r Revocation, now time.Time) []change.Statement {
	return []change.Statement{
		change.Exec(`DELETE FROM revocations WHERE expires < $1`, now.UnixMicro()),
		change.Exec(`INSERT INTO revocations (city, person, session, at, expires) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (city, person, session) DO UPDATE SET at = excluded.at, expires = excluded.expires`,
			r.City, r.Person, r.Session, r.At.UnixMicro(), r.Expires.UnixMicro()),
	}
}

// Revocations returns what is revoked.
func (s *Store) Revocations(ctx context.Context) ([]Revocation, error) {
	return sqldb.Collect(func(row sqldb.Row) (r Revocation, err error) {
		var at, expires int64
		err = row.Scan(&r.City, &r.Person, &r.Session, &at, &expires)
		r.At, r.Expires = instant(at), instant(expires)
		return r, err
	})(s.DB().Query(ctx, `SELECT city, person, session, at, expires FROM revocations`))
}
