package feed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// DefaultTries is for consumers of which something may be missing for a while. Alone an event fails that often in about half a minute.
const DefaultTries = 12

// takeUpEvery is how often it is looked whether somebody wants what is set aside tried again.
const takeUpEvery = time.Second

// Aside is an event that a consumer could not handle, or one of the same aggregate behind it, which has to wait for it.
type Aside struct {
	Consumer        string
	Position        int64 // in the feed of the service that is followed
	City, Aggregate string
	Reason          string // why it failed; of those behind it, that they wait
	Since           time.Time
	Wanted          bool // somebody asked for another try
}

func (a *Aside) key() aggregate { return aggregate{a.City, a.Aggregate} }

// aggregate is within which the order of events matters.
type aggregate struct{ city, name string }

// asides are what a follower knows to be set aside for its consumer, in order.
type asides struct {
	rows []Aside
	keys map[aggregate]bool
	next time.Time // when it is looked again whether any is wanted
}

// suspect is an event that fails alone.
type suspect struct {
	position int64
	tries    int
}

// ListAside returns what is set aside in a consumer's database, by consumer and position.
func ListAside(ctx context.Context, s *change.Store) ([]Aside, error) { return listAside(ctx, s, "") }

func listAside(ctx context.Context, s *change.Store, consumer string) ([]Aside, error) {
	return sqldb.Collect(func(row sqldb.Row) (Aside, error) {
		var a Aside
		var since int64
		err := row.Scan(&a.Consumer, &a.Position, &a.City, &a.Aggregate, &a.Reason, &since, &a.Wanted)
		a.Since = time.UnixMicro(since).UTC()
		return a, err
	})(s.DB().Query(ctx, `SELECT consumer, position, city, aggregate, reason, since, wanted <> 0 FROM feed_aside
		WHERE consumer = $1 OR $1 = '' ORDER BY consumer, position`, consumer))
}

// ErrNotAside is returned when nothing of the kind is set aside.
var ErrNotAside = fault.New(fault.NotFound, "EVENT_NOT_SET_ASIDE",
	"没有这样被搁置的事件。", "No such event is set aside.")

// Retry asks for what is set aside to be tried again: of one consumer, or of all when it is empty; one event, or all when position is 0. The first that
// was set aside of its aggregate is tried first. The consumer does it when it runs, within some seconds; what fails again stays.
func Retry(ctx context.Context, s *change.Store, consumer string, position int64) error {
	err := s.Commit(ctx, &change.Change{Statements: []change.Statement{change.Guard(
		`UPDATE feed_aside SET wanted = 1 WHERE (consumer = $1 OR $1 = '') AND (position = $2 OR $2 = 0)`, consumer, position)}})
	if errors.Is(err, change.ErrConflict) {
		return ErrNotAside
	}
	return err
}

// readAside takes over what the database says is set aside.
func (f *Follower) readAside(ctx context.Context) error {
	rows, err := listAside(ctx, f.cfg.Store, f.cfg.Name)
	if err != nil {
		return fmt.Errorf("read what %s has set aside: %w", f.cfg.Name, err)
	}
	f.aside.rows, f.aside.keys = rows, make(map[aggregate]bool, len(rows))
	for i := range rows {
		f.aside.keys[rows[i].key()] = true
	}
	f.metrics.aside.Set(float64(len(rows)))
	return nil
}

// sorted parts the events that can be handled from those that have to wait for one that is set aside.
func (f *Follower) sorted(events []change.FeedEvent) (good, behind []change.FeedEvent) {
	if len(f.aside.keys) == 0 {
		return events, nil
	}
	for i := range events {
		if f.aside.keys[aggregate{events[i].City, events[i].Aggregate}] {
			behind = append(behind, events[i])
		} else {
			good = append(good, events[i])
		}
	}
	return good, behind
}

// withAside adds to a copy of what was decided that some events wait, unless what they wait for has been handled meanwhile.
func (f *Follower) withAside(decided *change.Change, behind []change.FeedEvent) *change.Change {
	if len(behind) == 0 {
		return decided
	}
	var c change.Change
	if decided != nil {
		c = *decided
	}
	c.Statements = slices.Clip(c.Statements)
	for i := range behind {
		e := &behind[i]
		c.Statements = append(c.Statements,
			change.Guard(`UPDATE feed_aside SET since = since WHERE consumer = $1 AND city = $2 AND aggregate = $3`, f.cfg.Name, e.City, e.Aggregate),
			f.asideRow(e, "waits for an earlier event of the same aggregate"))
	}
	return &c
}

func (f *Follower) asideRow(e *change.FeedEvent, reason string) change.Statement {
	return change.Exec(`INSERT INTO feed_aside (consumer, position, city, aggregate, reason, since) VALUES ($1, $2, $3, $4, $5, $6)`,
		f.cfg.Name, e.Position, e.City, e.Aggregate, reason, time.Now().UnixMicro())
}

// failed counts a failure, and sets an event aside that has failed alone too often. It returns what is still to be tried again.
func (f *Follower) failed(ctx context.Context, events []change.FeedEvent, because error) error {
	if f.cfg.Tries <= 0 || len(events) != 1 || elsewhere(because) {
		return because
	}
	e := &events[0]
	if f.suspect.position != e.Position {
		f.suspect = suspect{position: e.Position}
	}
	if f.suspect.tries++; f.suspect.tries < f.cfg.Tries {
		return because
	}
	c := &change.Change{Statements: []change.Statement{f.asideRow(e, because.Error())}}
	if err := f.cfg.Store.Commit(ctx, f.withCursor(c, change.Begin(), e.Position)); err != nil {
		f.suspect = suspect{} // with its database away, nothing can be told of the event
		return errors.Join(because, fmt.Errorf("set position %d aside: %w", e.Position, err))
	}
	f.stored = e.Position
	f.moved(e.Position)
	f.cfg.Logger.Error("an event is set aside, and what follows of its aggregate; list it and have it tried again when the cause is gone",
		zap.Int64("position", e.Position), zap.String("aggregate", e.Aggregate), zap.Int("tries", f.suspect.tries), zap.Error(because))
	return f.readAside(ctx)
}

// elsewhere tells failures that say nothing against the event: something else is away or slow.
func elsewhere(err error) bool {
	switch fault.KindOf(err) {
	case fault.Unavailable, fault.Deadline, fault.Canceled:
		return true
	}
	return errors.Is(err, change.ErrStale) || errors.Is(err, change.ErrClosed) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// patience is how long one read waits: not long while somebody may want something tried again.
func (f *Follower) patience() time.Duration {
	if len(f.aside.rows) > 0 {
		return min(f.cfg.Wait, takeUpEvery)
	}
	return f.cfg.Wait
}

// takeUp tries again what is wanted of what is set aside.
func (f *Follower) takeUp(ctx context.Context) error {
	now := time.Now()
	if len(f.aside.rows) == 0 || now.Before(f.aside.next) {
		return nil
	}
	f.aside.next = now.Add(takeUpEvery)
	if err := f.readAside(ctx); err != nil {
		return err
	}
	wanted := map[aggregate]bool{}
	for i := range f.aside.rows {
		if f.aside.rows[i].Wanted {
			wanted[f.aside.rows[i].key()] = true
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	for _, row := range f.aside.rows {
		if !wanted[row.key()] {
			continue
		}
		again, err := f.tryAgain(ctx, row)
		if err != nil {
			return err
		}
		wanted[row.key()] = again
	}
	return f.readAside(ctx)
}

// tryAgain handles one event that was set aside, and tells whether those behind it may follow.
func (f *Follower) tryAgain(ctx context.Context, row Aside) (bool, error) {
	events, err := Owner(f.cfg.Source).Read(ctx, row.Position-1, 1, 0)
	switch {
	case err != nil:
		return false, fmt.Errorf("read position %d: %w", row.Position, err)
	case len(events) != 1 || events[0].Position != row.Position:
		return false, fmt.Errorf("position %d, which is set aside, is not in the feed", row.Position)
	}
	err = f.cfg.Store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		var c change.Change
		switch decided, err := f.cfg.Handle(ctx, events); {
		case err != nil:
			return nil, err
		case decided != nil:
			c = *decided
		}
		c.Statements = append(slices.Clip(c.Statements), change.Guard(`DELETE FROM feed_aside WHERE consumer = $1 AND position = $2`, f.cfg.Name, row.Position))
		return &c, nil
	})
	log := f.cfg.Logger.With(zap.Int64("position", row.Position), zap.String("aggregate", row.Aggregate))
	switch {
	case err == nil:
		f.metrics.handled.Inc()
		log.Info("an event that was set aside is handled")
		return true, nil
	case elsewhere(err) || ctx.Err() != nil:
		return false, fmt.Errorf("try position %d again: %w", row.Position, err)
	}
	log.Error("an event that is set aside fails again", zap.Error(err))
	return false, f.cfg.Store.Commit(ctx, &change.Change{Statements: []change.Statement{
		change.Exec(`UPDATE feed_aside SET reason = $3 WHERE consumer = $1 AND position = $2`, f.cfg.Name, row.Position, err.Error()),
		change.Exec(`UPDATE feed_aside SET wanted = 0 WHERE consumer = $1 AND city = $2 AND aggregate = $3`, f.cfg.Name, row.City, row.Aggregate)}})
}
