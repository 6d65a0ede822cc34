package change

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// MaxClaims is how often a deadline is claimed before it is set aside: a claim that ended in an effect starts the count
// anew, so the count is one of failures, including those that took the process with them.
const MaxClaims = 3

// ClaimDue leases, in the order of (at, city, aggregate) and from behind after, up to limit deadlines (and at most 1000) that are not later
// than now on the city clock and that nobody else has leased. The effect of a deadline moves or removes it by a Change, which
// ends the lease; a lease that runs out on the wall clock is claimed again. Who gets a deadline with more than MaxClaims
// attempts does not try it any more and hands it to FailDue, which sets it aside. A lease is no lock: an effect must be guarded by its aggregate's version.
func (s *Store) ClaimDue(ctx context.Context, now time.Time, after DueKey, limit int, lease time.Duration) ([]Due, error) {
	skip := ""
	if s.db.Engine() == sqldb.Postgres {
		skip = " FOR UPDATE SKIP LOCKED"
	}
	s.db.Count(1, 1)
	wall := s.wall.Now()
	text := fmt.Sprintf(claimDue, min(max(limit, 1), limitMost), skip)
	claimed, err := s.engine.claim(ctx, text, now.UnixMicro(), micros(after.At), after.City, after.Aggregate, wall.UnixMicro(),
		wall.Add(lease).UnixMicro())
	if err != nil {
		return nil, err
	}
	slices.SortFunc(claimed, func(a, b Due) int { return a.Key().Compare(b.Key()) })
	return claimed, nil
}

const claimDue = `UPDATE due SET leased_until = $6, attempts = attempts + 1 WHERE (city, aggregate) IN (
		SELECT city, aggregate FROM due
		WHERE set_aside = 0 AND at <= $1 AND (at, city, aggregate) > ($2, $3, $4) AND leased_until <= $5
		ORDER BY at, city, aggregate LIMIT %d%s)
	RETURNING at, city, aggregate, attempts`

func scanDue(row sqldb.Row) (Due, error) {
	var d Due
	var at int64
	err := row.Scan(&at, &d.City, &d.Aggregate, &d.Attempts)
	d.At = time.UnixMicro(at).UTC()
	return d, err
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return -1 << 62
	}
	return t.UnixMicro()
}

// Compare orders keys as ClaimDue does.
func (k DueKey) Compare(other DueKey) int {
	if c := k.At.Compare(other.At); c != 0 {
		return c
	}
	if c := strings.Compare(k.City, other.City); c != 0 {
		return c
	}
	return strings.Compare(k.Aggregate, other.Aggregate)
}

// FailDue ends the lease of a claimed deadline whose effect failed. The deadline can be claimed again after retryIn, or is
// set aside after MaxClaims failures. One that was moved meanwhile is left alone.
func (s *Store) FailDue(ctx context.Context, d Due, retryIn time.Duration) (setAside bool, err error) {
	const text = `UPDATE due SET leased_until = $4, set_aside = CASE WHEN attempts >= $5 THEN 1 ELSE 0 END
		WHERE city = $1 AND aggregate = $2 AND at = $3 AND leased_until > 0`
	s.db.Count(1, 1)
	n, err := s.engine.exec(ctx, text, d.City, d.Aggregate, d.At.UnixMicro(), s.retryAt(retryIn), MaxClaims)
	return n > 0 && d.Attempts >= MaxClaims, err
}

// ReleaseDue gives a claimed deadline back without counting the attempt: the effect lost a race, which proves nothing
// against it. Otherwise somebody could have a deadline set aside by changing its aggregate all the time.
func (s *Store) ReleaseDue(ctx context.Context, d Due, retryIn time.Duration) error {
	const text = `UPDATE due SET leased_until = $4, attempts = attempts - 1
		WHERE city = $1 AND aggregate = $2 AND at = $3 AND leased_until > 0 AND attempts > 0`
	s.db.Count(1, 1)
	_, err := s.engine.exec(ctx, text, d.City, d.Aggregate, d.At.UnixMicro(), s.retryAt(retryIn))
	return err
}

func (s *Store) retryAt(in time.Duration) int64 {
	if in <= 0 {
		return 0
	}
	return s.wall.Now().Add(in).UnixMicro()
}

// NextDue is the earliest deadline that is neither set aside nor leased.
func (s *Store) NextDue(ctx context.Context) (time.Time, bool, error) {
	const text = `SELECT at FROM due WHERE set_aside = 0 AND leased_until <= $1 ORDER BY at, city, aggregate LIMIT 1`
	return s.instant(s.db.QueryRow(ctx, text, s.wall.Now().UnixMicro()))
}

// DueStats is what an operator watches.
type DueStats struct {
	SetAside int64     // deadlines that failed and wait for somebody to look
	Oldest   time.Time // the earliest deadline not set aside, leased or not; zero if there is none
}

// DueStats counts. It reads the deadlines set aside, which are few.
func (s *Store) DueStats(ctx context.Context) (DueStats, error) {
	var stats DueStats
	var oldest sql.NullInt64
	const text = `SELECT (SELECT count(*) FROM due WHERE set_aside = 1), (SELECT min(at) FROM due WHERE set_aside = 0)`
	if err := s.db.QueryRow(ctx, text).Scan(&stats.SetAside, &oldest); err != nil {
		return DueStats{}, err
	}
	if oldest.Valid {
		stats.Oldest = time.UnixMicro(oldest.Int64).UTC()
	}
	return stats, nil
}

// AwaitDue returns as soon as there is a deadline to claim that is earlier than before. It learns of deadlines set by this
// process, not of those set by other replicas.
func (s *Store) AwaitDue(ctx context.Context, before time.Time) error {
	w := s.due.add(before)
	defer s.due.remove(w)
	// Looking after the watch is set closes the gap in which a commit would go unnoticed.
	if at, ok, err := s.NextDue(ctx); err != nil || ok && at.Before(before) {
		return err
	}
	select {
	case <-w.woken:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) instant(row sqldb.Row) (time.Time, bool, error) {
	var at int64
	switch err := row.Scan(&at); {
	case errors.Is(err, sqldb.ErrNoRows):
		return time.Time{}, false, nil
	case err != nil:
		return time.Time{}, false, err
	}
	return time.UnixMicro(at).UTC(), true, nil
}
