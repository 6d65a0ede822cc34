package store

import (
	"context"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Coverage is how many enterprises and projects of a county there are, and how many of them have a chief attendant.
type Coverage struct {
	County                    string
	Enterprises, Covered      int
	Projects, ProjectsCovered int
}

// Who has an attendant in force. Counting asks for all of them at once, which is cheaper than asking for each; a page asks for each.
const (
	inForce      = ` WHERE city = $1 AND role = 1 AND active = 1 AND (end_time IS NULL OR end_time > $2)`
	enterprises  = `(SELECT enterprise FROM bindings` + inForce + ` AND project = '')`
	projects     = `(SELECT project FROM bindings` + inForce + ` AND project <> '')`
	hasAttendant = `EXISTS (SELECT 1 FROM bindings b WHERE b.city = e.city AND b.enterprise = e.id AND b.project = '' AND b.role = 1 AND b.active = 1
		AND (b.end_time IS NULL OR b.end_time > $2))`
)

// Coverage counts a city's at an instant, by county.
func (s *Store) Coverage(ctx context.Context, city string, at time.Time) ([]Coverage, error) {
	return sqldb.Collect(func(row sqldb.Row) (c Coverage, err error) {
		var all, with, allProjects, projectsWith int64
		err = row.Scan(&c.County, &all, &with, &allProjects, &projectsWith)
		c.Enterprises, c.Covered, c.Projects, c.ProjectsCovered = int(all), int(with), int(allProjects), int(projectsWith)
		return c, err
	})(s.DB().Query(ctx, `SELECT county, CAST(sum(es) AS BIGINT), CAST(sum(ec) AS BIGINT), CAST(sum(ps) AS BIGINT), CAST(sum(pc) AS BIGINT) FROM (
			SELECT e.county, 1 AS es, CASE WHEN e.id IN `+enterprises+` THEN 1 ELSE 0 END AS ec, 0 AS ps, 0 AS pc FROM enterprises e WHERE e.city = $1
			UNION ALL
			SELECT p.county, 0, 0, 1, CASE WHEN p.enterprise IN `+enterprises+` OR p.id IN `+projects+` THEN 1 ELSE 0 END FROM projects p WHERE p.city = $1
		) one GROUP BY county ORDER BY county`, city, at.UnixMicro()))
}

// Enterprise is an enterprise as far as this service knows it.
type Enterprise struct {
	ID         string
	County     string
	Registered time.Time
}

// Uncovered is one page of enterprises without a chief attendant.
type Uncovered struct {
	City   string
	County string // empty for all
	After  string // id of the last one shown; empty for the first page
	Limit  int
}

// Uncovered returns a page of the enterprises that have none at an instant, in the order in which they were made.
func (s *Store) Uncovered(ctx context.Context, u Uncovered, at time.Time) ([]Enterprise, error) {
	a := args{u.City, at.UnixMicro()}
	text := `SELECT e.id, e.county, e.registered FROM enterprises e WHERE e.city = $1 AND NOT ` + hasAttendant
	if u.County != "" {
		text += ` AND e.county = ` + a.bind(u.County)
	}
	if u.After != "" {
		text += ` AND e.id > ` + a.bind(u.After)
	}
	return sqldb.Collect(func(row sqldb.Row) (e Enterprise, err error) {
		var registered int64
		err = row.Scan(&e.ID, &e.County, &registered)
		e.Registered = instant(registered)
		return e, err
	})(s.DB().Query(ctx, text+` ORDER BY e.id LIMIT `+a.bind(u.Limit), a...))
}
