package catalogue

import (
	"fmt"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// City is one version of a city's configuration, with the versions before it.
type City struct {
	config      Config
	earlier     *City
	units       map[string]Unit
	counties    map[string]County
	officials   map[string]Official // by person
	stages      map[string]Stage
	items       map[string]Item
	materials   map[string]Material
	lineSystems map[string]LineSystem
}

// New makes a city of a version and the one before it, which is nil for the first. It refuses data that would make a rule of
// the agency undefined; what a city may and may not configure is the directory's to check.
func New(config Config, earlier *City) (*City, error) {
	c := &City{
		config:      config,
		earlier:     earlier,
		units:       index(config.Units, func(u Unit) string { return u.Code }),
		counties:    index(config.Counties, func(c County) string { return c.Code }),
		officials:   index(config.Officials, func(o Official) string { return o.Person }),
		stages:      index(config.Stages, func(s Stage) string { return s.Code }),
		items:       index(config.Items, func(i Item) string { return i.Code }),
		materials:   index(config.Materials, func(m Material) string { return m.Code }),
		lineSystems: index(config.LineSystems, func(s LineSystem) string { return s.Code }),
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("city %s version %d: %w", config.Code, config.Version, err)
	}
	return c, nil
}

func index[T any](list []T, key func(T) string) map[string]T {
	m := make(map[string]T, len(list))
	for _, item := range list {
		m[key(item)] = item
	}
	return m
}

// Code returns the city's code of GB/T 2260.
func (c *City) Code() string { return c.config.Code }

// Version returns the number of the configuration.
func (c *City) Version() int64 { return c.config.Version }

// Applied returns when the version came into force.
func (c *City) Applied() time.Time { return c.config.Applied }

// DisplayName returns the city's name in Chinese and in English.
func (c *City) DisplayName() (zh, en string) { return c.config.DisplayName, c.config.DisplayNameEn }

// Calendar returns the work calendar.
func (c *City) Calendar() *worktime.Calendar { return c.config.Calendar }

// HasCatalogue reports whether the city has an agency at all.
func (c *City) HasCatalogue() bool { return len(c.config.Items) > 0 }

// Rules returns the numbers of the process.
func (c *City) Rules() Rules { return c.config.Rules }

// Stages returns all stages in their order. Nobody may change it.
func (c *City) Stages() []Stage { return c.config.Stages }

// Items returns all items in the order of the catalogue. Nobody may change it.
func (c *City) Items() []Item { return c.config.Items }

// Materials returns all kinds of documents. Nobody may change it.
func (c *City) Materials() []Material { return c.config.Materials }

// Choices returns what the questionnaire offers for a question.
func (c *City) Choices(question string) []Choice {
	var choices []Choice
	for _, choice := range c.config.Choices {
		if choice.Question == question {
			choices = append(choices, choice)
		}
	}
	return choices
}

// Units returns all units, parents before children. Nobody may change it.
func (c *City) Units() []Unit { return c.config.Units }

// Counties returns all counties. Nobody may change it.
func (c *City) Counties() []County { return c.config.Counties }

// Officials returns everybody who serves the city. Nobody may change it.
func (c *City) Officials() []Official { return c.config.Officials }

// Unit looks a unit up by its code.
func (c *City) Unit(code string) (Unit, bool) { return lookup(c.units, code) }

// County looks a county up by its code.
func (c *City) County(code string) (County, bool) { return lookup(c.counties, code) }

// Official looks an official up by the person's id.
func (c *City) Official(person string) (Official, bool) { return lookup(c.officials, person) }

// Stage looks a stage up by its code.
func (c *City) Stage(code string) (Stage, bool) { return lookup(c.stages, code) }

// Item looks an item up by its code.
func (c *City) Item(code string) (Item, bool) { return lookup(c.items, code) }

// Material looks a kind of document up by its code.
func (c *City) Material(code string) (Material, bool) { return lookup(c.materials, code) }

// LineSystem looks a department's own system up by its code.
func (c *City) LineSystem(code string) (LineSystem, bool) { return lookup(c.lineSystems, code) }

func lookup[T any](m map[string]T, key string) (T, bool) {
	item, ok := m[key]
	return item, ok
}

// At returns the version that was in force at an instant; the oldest known one for anything before it.
func (c *City) At(t time.Time) *City {
	for c.earlier != nil && t.Before(c.config.Applied) {
		c = c.earlier
	}
	return c
}

// Revision returns the version with a number, or the nearest older one known, or the oldest.
func (c *City) Revision(version int64) *City {
	for c.earlier != nil && c.config.Version > version {
		c = c.earlier
	}
	return c
}

// CalendarNamed returns the calendar with a version text from whichever version of the city used it, this one's when none did.
func (c *City) CalendarNamed(version string) *worktime.Calendar {
	for v := c; v != nil; v = v.earlier {
		if v.config.Calendar.Version() == version {
			return v.config.Calendar
		}
	}
	return c.config.Calendar
}

func (c *City) check() error {
	config, earlier := c.config, c.earlier
	switch {
	case config.Calendar == nil:
		return fmt.Errorf("no calendar")
	case earlier != nil && (earlier.Code() != config.Code || earlier.Version() >= config.Version || config.Applied.Before(earlier.Applied())):
		return fmt.Errorf("does not follow version %d of city %s", earlier.Version(), earlier.Code())
	case c.HasCatalogue() && len(config.Rules.Centres) == 0:
		return fmt.Errorf("no unit runs the agency")
	}
	for _, centre := range config.Rules.Centres {
		if _, ok := c.units[centre]; !ok {
			return fmt.Errorf("no unit %q to run the agency", centre)
		}
	}
	for _, s := range config.Stages {
		if _, ok := c.units[s.LeadUnit]; !ok {
			return fmt.Errorf("stage %s: no unit %q", s.Code, s.LeadUnit)
		}
	}
	for _, m := range config.Materials {
		if _, ok := c.items[m.ResultOf]; !ok && m.ResultOf != "" {
			return fmt.Errorf("material %s: no item %q", m.Code, m.ResultOf)
		}
	}
	for _, item := range config.Items {
		if err := c.checkItem(item); err != nil {
			return fmt.Errorf("item %s: %w", item.Code, err)
		}
	}
	return nil
}

func (c *City) checkItem(item Item) error {
	if _, ok := c.stages[item.Stage]; !ok {
		return fmt.Errorf("no stage %q", item.Stage)
	}
	if _, ok := c.units[item.Unit]; !ok && item.Unit != "" {
		return fmt.Errorf("no unit %q", item.Unit)
	}
	for _, before := range slices.Concat(item.After, item.Needs) {
		if _, ok := c.items[before]; !ok {
			return fmt.Errorf("no item %q before it", before)
		}
	}
	for _, m := range item.Materials {
		if _, ok := c.materials[m.Material]; !ok {
			return fmt.Errorf("no material %q", m.Material)
		}
	}
	if c.waitsFor(item.Code, item.Code, map[string]bool{}) {
		return fmt.Errorf("waits for itself")
	}
	return nil
}

// waitsFor reports whether an item has to wait for another one, at once or by way of others.
func (c *City) waitsFor(item, other string, seen map[string]bool) bool {
	seen[item] = true
	for _, before := range slices.Concat(c.items[item].After, c.items[item].Needs) {
		if before == other || !seen[before] && c.waitsFor(before, other, seen) {
			return true
		}
	}
	return false
}
