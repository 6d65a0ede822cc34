package desk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
)

// rosters keeps what was made of each city's configuration. Whether it is still in force is asked of the database every time,
// since another replica may have taken up the directory's news; the answer is one small row.
type rosters struct {
	mu   sync.Mutex
	kept map[string]kept
}

type kept struct {
	revision int64
	city     *roster.City
	interval roster.Interval
}

func (r *rosters) get(city string, revision int64) (kept, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k, ok := r.kept[city]
	return k, ok && k.revision == revision
}

func (r *rosters) put(city string, k kept) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil {
		r.kept = map[string]kept{}
	}
	r.kept[city] = k
}

// Roster is who serves a city now, or CITY_NOT_FOUND.
func (d *Desk) Roster(ctx context.Context, city string) (*roster.City, error) {
	k, err := d.roster(ctx, city)
	return k.city, err
}

// roster is the same with the revision that it is of.
func (d *Desk) roster(ctx context.Context, city string) (kept, error) {
	state, err := d.Store.State(ctx, city)
	if err != nil {
		return kept{}, noCity(err)
	}
	if k, ok := d.rosters.get(city, state.Revision); ok {
		return k, nil
	}
	stored, err := d.Store.ReadCity(ctx, city)
	if err != nil {
		return kept{}, noCity(err)
	}
	config := &directoryv1.CityConfig{}
	if err := proto.Unmarshal(stored.Config, config); err != nil {
		return kept{}, fmt.Errorf("stored configuration of city %s, version %d: %w", city, stored.Version, err)
	}
	interval, err := roster.IntervalOf(config)
	if err != nil {
		return kept{}, fmt.Errorf("stored configuration of city %s, version %d: %w", city, stored.Version, err)
	}
	k := kept{stored.Revision, roster.FromProto(config).Without(stored.Dismissed...), interval}
	d.rosters.put(city, k)
	return k, nil
}

func noCity(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return ErrCity
	}
	return err
}

// patience is how long a stretch of another service's feed waits for a configuration that it rests on. Then it fails and is tried
// again, which shows in log and metrics.
const patience = 5 * time.Second

// rosterOf is a city's roster of at least a version: tickets may be filed and agreements sealed under a configuration that has not arrived here yet.
func (d *Desk) rosterOf(ctx context.Context, city string, version int64) (*roster.City, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		var position int64
		if d.News != nil {
			position = d.News.Position()
		}
		r, err := d.Roster(ctx, city)
		switch {
		case err == nil && r.Version() >= version:
			return r, nil
		case err != nil && !errors.Is(err, ErrCity):
			return nil, err
		case d.News == nil:
			return nil, fmt.Errorf("configuration %d of city %s: %w", version, city, ErrCity)
		}
		if err := d.News.Await(ctx, position+1); err != nil {
			return nil, fmt.Errorf("configuration %d of city %s has not arrived: %w", version, city, err)
		}
	}
}
