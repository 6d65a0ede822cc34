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
		change.Exec(`INSERT INTO cities (city, version, revision) VALUES ($1, $2, $3)
			ON CONFLICT (city) DO UPDATE SET version = excluded.version, revision = excluded.revision`, c.City, c.Version, c.Revision),
		change.Exec(`INSERT INTO city_configs (city, config) VALUES ($1, $2) ON CONFLICT (city) DO UPDATE SET config = excluded.config`,
			c.City, c.Config),
		change.Exec(`DELETE FROM dismissals WHERE city = $1`, c.City),
	}
}

// State tells which roster of a city is in force and how many bindings were made in it.
type State struct{ Revision, Bound int64 }

// State returns a city's; ErrNotFound if the city is not known.
func (s *Store) State(ctx context.Context, city string) (State, error) {
	var state State
	err := s.DB().QueryRow(ctx, `SELECT revision, bound FROM cities WHERE city = $1`, city).Scan(&state.Revision, &state.Bound)
	return state, found(err)
}

// Binds makes a Change depend on the roster by which an official was found fit to be bound: it fails with change.ErrConflict
// when another has come into force.
func Binds(city string, revision int64) change.Statement {
	return change.Guard(`UPDATE cities SET bound = bound + 1 WHERE city = $1 AND revision = $2`, city, revision)
}

// Dismiss takes an official out of a city's roster. The Change fails with change.ErrConflict when somebody was bound since the
// state was read, because that binding may be the official's.
func Dismiss(city, person string, read State, revision int64) []change.Statement {
	return []change.Statement{
		change.Exec(`INSERT INTO dismissals (city, person) VALUES ($1, $2) ON CONFLICT (city, person) DO NOTHING`, city, person),
		change.Exec(`INSERT INTO gone (city, person) VALUES ($1, $2) ON CONFLICT (city, person) DO NOTHING`, city, person),
		change.Guard(`UPDATE cities SET revision = $1 WHERE city = $2 AND bound = $3`, revision, city, read.Bound),
	}
}

// ReadCity returns a city's configuration in one state of the database; ErrNotFound if the city is not known.
func (s *Store) ReadCity(ctx context.Context, city string) (City, error) {
	c := City{City: city}
	err := s.DB().Snapshot(ctx, func(r sqldb.Reader) error {
		err := r.QueryRow(ctx, `SELECT c.version, c.revision, f.config FROM cities c JOIN city_configs f ON f.city = c.city WHERE c.city = $1`,
			city).Scan(&c.Version, &c.Revision, &c.Config)
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

// Gone returns which of some persons were dismissed at some time. Who serves again is in the roster, which is to be asked first.
func (s *Store) Gone(ctx context.Context, city string, persons []string) ([]string, error) {
	var gone []string
	for batch := range chunks(persons) {
		a := args{city}
		some, err := sqldb.Collect(func(row sqldb.Row) (person string, err error) {
			err = row.Scan(&person)
			return person, err
		})(s.DB().Query(ctx, `SELECT person FROM gone WHERE city = $1 AND person IN (`+a.list(batch)+`)`, a...))
		if err != nil {
			return nil, err
		}
		gone = append(gone, some...)
	}
	return gone, nil
}

// AddProject remembers whose a project is, and where.
func AddProject(city, id, enterprise, county string) change.Statement {
	return change.Exec(`INSERT INTO projects (city, id, enterprise, county) VALUES ($1, $2, $3, $4)
		ON CONFLICT (city, id) DO UPDATE SET county = excluded.county`, city, id, enterprise, county)
}

// AddEnterprise remembers an enterprise.
func AddEnterprise(city, id, county string, registered time.Time) change.Statement {
	return change.Exec(`INSERT INTO enterprises (city, id, county, registered) VALUES ($1, $2, $3, $4) ON CONFLICT (city, id) DO NOTHING`,
		city, id, county, registered.UnixMicro())
}

// HasEnterprise tells whether this service has heard of an enterprise.
func (s *Store) HasEnterprise(ctx context.Context, city, id string) (bool, error) {
	var n int64
	err := s.DB().QueryRow(ctx, `SELECT count(*) FROM enterprises WHERE city = $1 AND id = $2`, city, id).Scan(&n)
	return n > 0, err
}

// ProjectOf returns the enterprise of a project; ErrNotFound if this service has not heard of it.
func (s *Store) ProjectOf(ctx context.Context, city, id string) (string, error) {
	var enterprise string
	err := s.DB().QueryRow(ctx, `SELECT enterprise FROM projects WHERE city = $1 AND id = $2`, city, id).Scan(&enterprise)
	return enterprise, found(err)
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
