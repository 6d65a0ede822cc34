package desk

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
)

// Cities is the configuration of each city, with its earlier versions, at hand without asking a database. It is safe for concurrent use; readers never wait.
type Cities struct {
	cities atomic.Pointer[map[string]*catalogue.City]
	mu     sync.Mutex // writers
}

// NewCities makes an empty set.
func NewCities() *Cities {
	c := &Cities{}
	c.cities.Store(&map[string]*catalogue.City{})
	return c
}

// City returns the newest configuration of a city, or CITY_NOT_FOUND.
func (c *Cities) City(code string) (*catalogue.City, error) {
	if city := (*c.cities.Load())[code]; city != nil {
		return city, nil
	}
	return nil, ErrCityNotFound
}

// All returns the newest configuration of every city.
func (c *Cities) All() map[string]*catalogue.City { return *c.cities.Load() }

// Put takes a configuration when it is newer than the one there, and tells whether it was.
func (c *Cities) Put(city *catalogue.City) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := *c.cities.Load()
	if now := old[city.Code()]; now != nil && now.Version() >= city.Version() {
		return false
	}
	next := maps.Clone(old)
	next[city.Code()] = city
	c.cities.Store(&next)
	return true
}
