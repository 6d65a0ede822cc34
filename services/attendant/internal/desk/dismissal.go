package desk

import (
	"context"

	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Dismiss adds to a Change that an official no longer serves the city: they vanish from every choice, and their bindings end.
func (d *Desk) Dismiss(ctx context.Context, c *change.Change, city, person string, revision int64) error {
	bound, err := d.Store.BoundTo(ctx, city, person)
	if err != nil {
		return err
	}
	c.Statements = append(c.Statements, store.Dismiss(city, person, revision)...)
	now := d.City.Now()
	for _, b := range bound {
		if err := store.EndBinding(c, b, b.Ended(now), directory); err != nil {
			return err
		}
	}
	return nil
}

// directory is the actor of what the directory decided.
const directory = "services/directory"
