package desk

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
)

// Cities is what deciding needs to know at once, without asking a database: the configuration of each city, with its earlier
// versions, and where enterprises are. It is safe for concurrent use; readers never wait.
type Cities struct {
	cities      atomic.Pointer[map[string]*policy.City]
	mu          sync.Mutex // writers of cities
	enterprises sync.Map   // id → county
}

// NewCities makes an empty set.
func NewCities() *Cities {
	c := &Cities{}
	c.cities.Store(&map[string]*policy.City{})
	return c
}

// City returns the newest configuration of a city, or CITY_NOT_FOUND.
func (c *Cities) City(code string) (*policy.City, error) {
	if city := (*c.cities.Load())[code]; city != nil {
		return city, nil
	}
	return nil, ErrCityNotFound
}

// All returns the newest configuration of every city.
func (c *Cities) All() map[string]*policy.City { return *c.cities.Load() }

// Put takes a configuration when it is newer than the one there, and tells whether it was.
func (c *Cities) Put(city *policy.City) bool {
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

// PutEnterprise remembers where an enterprise is.
func (c *Cities) PutEnterprise(id, county string) { c.enterprises.Store(id, county) }

// county is where an enterprise is, empty when that is not known.
func (c *Cities) county(enterprise string) string {
	if county, ok := c.enterprises.Load(enterprise); ok {
		return county.(string)
	}
	return ""
}
