// Package cityapply is the use case of the city as data: it takes a city's files whole or refuses them whole, and keeps the
// version in force in memory for whoever asks.
//
// A version is applied in one Change: its configuration, the officials who come, change and go, and the event that tells the
// other services. Files that say what is in force already change nothing. No version reaches back: it holds from the moment
// it is applied, and what was decided before keeps the version that it names.
//
// It depends on the city's model, its contract form, the store and kit.
package cityapply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"go.uber.org/zap"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/citypb"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/ids"
)

// ErrCity is a city, or a version of its configuration, that is not known.
var ErrCity = fault.New(fault.NotFound, "CITY_NOT_FOUND",
	"未找到该城市，请核对城市代码。", "There is no such city here. Check its code.")

// Deps is what the use case works with.
type Deps struct {
	Store *store.Store
	City  clock.Clock // of versions and events
	Wall  clock.Clock // of sessions that end
	Log   *zap.Logger
}

// Service applies cities and answers what is in force. It is safe for concurrent use.
type Service struct {
	Deps
	ids     *ids.Source
	mu      sync.Mutex // held by whoever replaces inForce
	inForce atomic.Pointer[map[string]*snapshot]
}

// snapshot is a version in force. Nobody may change what it holds: it is shared by all that ask.
type snapshot struct {
	config *directoryv1.CityConfig
	public *directoryv1.City
}

// New makes a service that knows no city yet; Load reads those that are stored.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = zap.NewNop()
	}
	s := &Service{Deps: d, ids: ids.New(d.City)}
	s.inForce.Store(&map[string]*snapshot{})
	return s
}

// Load reads what is in force: before anything is served, and again whenever a replica has applied a version.
func (s *Service) Load(ctx context.Context) error {
	all, err := s.Store.NewestCityConfigs(ctx)
	if err != nil {
		return fmt.Errorf("load the configuration of cities: %w", err)
	}
	for _, v := range all {
		s.publish(v)
	}
	return nil
}

// Config returns the configuration in force, to be read only; false when there is no such city. It waits for nothing.
func (s *Service) Config(code string) (*directoryv1.CityConfig, bool) {
	v, ok := (*s.inForce.Load())[code]
	if !ok {
		return nil, false
	}
	return v.config, true
}

// Public returns what anybody may know of a city, to be read only. It waits for nothing.
func (s *Service) Public(code string) (*directoryv1.City, error) {
	v, ok := (*s.inForce.Load())[code]
	if !ok {
		return nil, ErrCity
	}
	return v.public, nil
}

// Version returns a version of a configuration, to be read only; 0 is the one in force. A version that an event names is there at
// once, before it is in force here: the event may be read before this process has taken the version up.
func (s *Service) Version(ctx context.Context, code string, version int64) (*directoryv1.CityConfig, error) {
	config, ok := s.Config(code)
	switch {
	case ok && (version == 0 || version == config.GetVersion()):
		return config, nil
	case version == 0:
		return nil, ErrCity
	}
	v, err := s.Store.CityConfig(ctx, code, version)
	if errors.Is(err, store.ErrNotFound) {
		return nil, ErrCity
	}
	return v.Config, err
}

// publish puts a version in force, unless a later one is already.
func (s *Service) publish(v store.CityConfig) {
	s.mu.Lock()
	defer s.mu.Unlock()
	current := *s.inForce.Load()
	if known, ok := current[v.City]; ok && known.config.GetVersion() >= v.Version {
		return
	}
	next := maps.Clone(current)
	next[v.City] = &snapshot{config: v.Config, public: citypb.Public(v.Config)}
	s.inForce.Store(&next)
}
