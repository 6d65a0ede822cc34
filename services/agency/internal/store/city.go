package store

import (
	"context"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Config is one version of a city's configuration, as the directory sent it.
type Config struct {
	City    string
	Version int64
	Bytes   []byte
}

const insertConfig = `INSERT INTO city_configs (city, version, config) VALUES ($1, $2, $3) ON CONFLICT (city, version) DO NOTHING`

// AddConfig keeps a version. A version never changes, so one that is there stays.
func AddConfig(c Config) change.Statement {
	return change.Exec(insertConfig, c.City, c.Version, c.Bytes)
}

// Configs returns every version of every city, oldest first within a city.
func (s *Store) Configs(ctx context.Context) ([]Config, error) {
	scan := func(row sqldb.Row) (c Config, err error) {
		err = row.Scan(&c.City, &c.Version, &c.Bytes)
		return c, err
	}
	return sqldb.Collect(scan)(s.db.Query(ctx, `SELECT city, version, config FROM city_configs ORDER BY city, version`))
}

// Unrecomputed returns the newest version of every city under which open deadlines were not counted anew yet.
func (s *Store) Unrecomputed(ctx context.Context) ([]Config, error) {
	scan := func(row sqldb.Row) (c Config, err error) {
		err = row.Scan(&c.City, &c.Version)
		return c, err
	}
	return sqldb.Collect(scan)(s.db.Query(ctx, `SELECT city, max(version) FROM city_configs WHERE recomputed = 0 GROUP BY city ORDER BY city`))
}

// Recomputed says that open deadlines were counted anew under a version, and with that under all before it.
func Recomputed(city string, version int64) change.Statement {
	return change.Exec(`UPDATE city_configs SET recomputed = 1 WHERE city = $1 AND version <= $2 AND recomputed = 0`, city, version)
}

// Revocation is a sign-in that ended before its tokens expired; without a session, all of a person's up to an instant.
type Revocation struct {
	City, Person, Session string
	At, Until             time.Time // wall clock
}

const insertRevocation = `INSERT INTO revocations (city, person, session, at, until) VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (city, person, session) DO UPDATE SET at = excluded.at, until = excluded.until`

// AddRevocation keeps a revocation, and forgets those that concern no living token any more.
func AddRevocation(r Revocation, now time.Time) []change.Statement {
	return []change.Statement{
		change.Exec(`DELETE FROM revocations WHERE until < $1`, now.UnixMicro()),
		change.Exec(insertRevocation, r.City, r.Person, r.Session, r.At.UnixMicro(), r.Until.UnixMicro()),
	}
}

// Revocations returns what is revoked.
func (s *Store) Revocations(ctx context.Context) ([]Revocation, error) {
	scan := func(row sqldb.Row) (r Revocation, err error) {
		var at, until int64
		err = row.Scan(&r.City, &r.Person, &r.Session, &at, &until)
		r.At, r.Until = time.UnixMicro(at).UTC(), time.UnixMicro(until).UTC()
		return r, err
	}
	return sqldb.Collect(scan)(s.db.Query(ctx, `SELECT city, person, session, at, until FROM revocations`))
}
