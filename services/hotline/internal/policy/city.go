package policy

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
	categories  map[string]Category
	appealTypes map[string]AppealType
	counties    map[string]County
	officials   map[string]Official // by person
	policies    map[string]Policy
}

// New makes a city of a version and the one before it, which is nil for the first. It refuses data that would make a rule of
// the hotline undefined; what a city may and may not configure is the directory's to check.
func New(config Config, earlier *City) (*City, error) {
	if err := check(config, earlier); err != nil {
		return nil, fmt.Errorf("city %s version %d: %w", config.Code, config.Version, err)
	}
	return &City{
		config:      config,
		earlier:     earlier,
		units:       index(config.Units, func(u Unit) string { return u.Code }),
		categories:  index(config.Categories, func(c Category) string { return c.Code }),
		appealTypes: index(config.AppealTypes, func(t AppealType) string { return t.Code }),
		counties:    index(config.Counties, func(c County) string { return c.Code }),
		officials:   index(config.Officials, func(o Official) string { return o.Person }),
		policies:    index(config.Policies, func(p Policy) string { return p.Code }),
	}, nil
}

func check(config Config, earlier *City) error {
	switch {
	case config.Calendar == nil:
		return fmt.Errorf("no calendar")
	case earlier != nil && (earlier.Code() != config.Code || earlier.Version() >= config.Version || config.Applied.Before(earlier.Applied())):
		return fmt.Errorf("does not follow version %d of city %s", earlier.Version(), earlier.Code())
	case !slices.ContainsFunc(config.Units, func(u Unit) bool { return u.Code == config.DeskUnit }):
		return fmt.Errorf("no unit %q for the desk", config.DeskUnit)
	}
	for i, s := range config.Ladder {
		if s.Rung != i+1 {
			return fmt.Errorf("rung %d of the ladder stands at place %d", s.Rung, i+1)
		}
	}
	return nil
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

// DeskUnit returns the code of the unit whose queue holds what has no holder yet.
func (c *City) DeskUnit() string { return c.config.DeskUnit }

// Calendar returns the work calendar.
func (c *City) Calendar() *worktime.Calendar { return c.config.Calendar }

// Rules returns the numbers of the process.
func (c *City) Rules() Rules { return c.config.Rules }

// Rates returns the weights of the three rates.
func (c *City) Rates() Rates { return c.config.Rates }

// Ladder returns the steps of accountability, by rung from 1. Nobody may change it.
func (c *City) Ladder() []Step { return c.config.Ladder }

// Units returns all units, parents before children. Nobody may change it.
func (c *City) Units() []Unit { return c.config.Units }

// Categories returns all categories, parents before children. Nobody may change it.
func (c *City) Categories() []Category { return c.config.Categories }

// AppealTypes returns all appeal types. Nobody may change it.
func (c *City) AppealTypes() []AppealType { return c.config.AppealTypes }

// Counties returns all counties. Nobody may change it.
func (c *City) Counties() []County { return c.config.Counties }

// Officials returns everybody who serves the city. Nobody may change it.
func (c *City) Officials() []Official { return c.config.Officials }

// Unit looks a unit up by its code.
func (c *City) Unit(code string) (Unit, bool) { return lookup(c.units, code) }

// Category looks a category up by its code.
func (c *City) Category(code string) (Category, bool) { return lookup(c.categories, code) }

// AppealType looks an appeal type up by its code.
func (c *City) AppealType(code string) (AppealType, bool) { return lookup(c.appealTypes, code) }

// County looks a county up by its code.
func (c *City) County(code string) (County, bool) { return lookup(c.counties, code) }

// Official looks an official up by the person's id.
func (c *City) Official(person string) (Official, bool) { return lookup(c.officials, person) }

// Policy looks a policy up by its code.
func (c *City) Policy(code string) (Policy, bool) { return lookup(c.policies, code) }

func lookup[T any](m map[string]T, key string) (T, bool) {
	item, ok := m[key]
	return item, ok
}

// DefaultAppealType returns the code taken when a filer names none; empty when the city has no default.
func (c *City) DefaultAppealType() string {
	for _, t := range c.config.AppealTypes {
		if t.Default {
			return t.Code
		}
	}
	return ""
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
