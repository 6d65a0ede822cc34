package desk

import (
	"context"
	"errors"

	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Dismiss adds to a Change that an official no longer serves the city, as the directory said at a position of its feed: they
// vanish from every choice, their bindings end, and a moment later their open tickets and cases are proposed to others: as many at a time as one
// decision takes, until none is left.
func (d *Desk) Dismiss(ctx context.Context, c *change.Change, city, person string, position int64) error {
	state, err := d.Store.State(ctx, city)
	if errors.Is(err, store.ErrNotFound) {
		return nil // nobody is bound where nothing is known of the city, and what will be known leaves them out
	}
	if err != nil {
		return err
	}
	bound, err := d.Store.BoundTo(ctx, city, person)
	if err != nil {
		return err
	}
	c.Statements = append(c.Statements, store.Dismiss(city, person, state, position)...)
	now := d.City.Now()
	c.Due = append(c.Due, change.Due{City: city, Aggregate: store.OfficialAggregate(person), At: now.Add(settling)})
	for _, b := range bound {
		if err := store.EndBinding(c, b, b.Ended(now), directory); err != nil {
			return err
		}
	}
	return nil
}

// directory is the actor of what the directory decided.
const directory = "services/directory"
