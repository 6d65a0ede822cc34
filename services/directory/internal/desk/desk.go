// Package desk holds the use cases of the directory's people: signing in and out, persons and officials, enterprises, their
// members and projects. A use case looks at who asks, reads, decides by the rules of the domain packages, and hands one Change
// to the store. What a caller may not see looks exactly like what does not exist.
//
// It depends on the domain packages, the store, and kit; it knows nothing of gRPC.
package desk

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/keys"
	"github.com/throughtrain/throughtrain/services/directory/internal/password"
	"github.com/throughtrain/throughtrain/services/directory/internal/sender"
	"github.com/throughtrain/throughtrain/services/directory/internal/session"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/limit"
)

// Cities is what the desk asks about the configuration in force. It must not wait for anything.
type Cities interface {
	// Config is the newest version of a city's configuration; false when there is no such city.
	Config(city string) (*directoryv1.CityConfig, bool)
}

// Deps is what a desk works with.
type Deps struct {
	Store  *store.Store
	Keys   *keys.Ring
	Issuer *authn.Issuer
	Cities Cities
	Sender sender.Sender
	Hasher *password.Hasher
	City   clock.Clock // of what happens in the city
	Wall   clock.Clock // of codes, sessions and limits
	Limits Limits
	// Door keeps floods from the database, where everybody is counted exactly; one of this process when nil.
	Door limit.Limiter
	Log  *zap.Logger
}

// Limits are how often codes may be asked for and passwords tried. The zero value of a field stands for its default.
type Limits struct {
	PhonePerMinute    int // codes to one phone; 1
	PhonePerHour      int // 5
	PhonePerDay       int // 10
	AddressPerMinute  int // codes asked for from one address; 30: a service hall or a mobile network has one address for many
	AddressPerHour    int // 300
	CityPerMinute     int // codes of a city altogether, which is what the message gateway is paid for; 300
	FailuresPerSource int // wrong passwords from one address in ten minutes; 60
}

func (l Limits) withDefaults() Limits {
	for _, field := range []struct {
		value     *int
		byDefault int
	}{{&l.PhonePerMinute, 1}, {&l.PhonePerHour, 5}, {&l.PhonePerDay, 10}, {&l.AddressPerMinute, 30}, {&l.AddressPerHour, 300},
		{&l.CityPerMinute, 300}, {&l.FailuresPerSource, 60}} {
		if *field.value <= 0 {
			*field.value = field.byDefault
		}
	}
	return l
}

// Desk carries out the use cases. It is safe for concurrent use.
type Desk struct {
	Deps
	ids        *ids.Source // of what belongs to the city, by its clock
	sessionIDs *ids.Source
	tokens     session.Tokens
}

// New makes a desk.
func New(d Deps) *Desk {
	d.Limits = d.Limits.withDefaults()
	if d.Door == nil {
		d.Door = limit.NewLocal(d.Wall)
	}
	mac := func(purpose keys.Purpose) session.Mac {
		return func(parts ...string) []byte { return d.Keys.Mac(purpose, parts...) }
	}
	return &Desk{Deps: d, ids: ids.New(d.City), sessionIDs: ids.New(d.Wall),
		tokens: session.Tokens{Mark: mac(keys.TokenMark), Next: mac(keys.TokenNext)}}
}

// Request is the id under which a caller may repeat a call.
type Request struct {
	Method string
	ID     string
	Body   [32]byte
}

func (r Request) by(caller authn.Caller, city string) store.Request {
	return store.Request{City: city, Person: caller.ID(), Method: r.Method, ID: r.ID, Body: r.Body}
}

// Seen looks for an earlier call under the same id and returns the resource that it led to.
func (d *Desk) Seen(ctx context.Context, caller authn.Caller, r Request) (resource string, seen bool, err error) {
	return d.Store.Seen(ctx, r.by(caller, caller.City))
}

// actor is how the journal names who did something.
func actor(c authn.Caller) string {
	switch c.Kind {
	case authn.Person:
		return "persons/" + c.Person
	case authn.Service:
		return "services/" + c.Name
	default:
		return "system/" + c.Name
	}
}

// signIn is the actor of what happens before anybody is known.
const signInActor = "system/sign-in"

// operatorActor is the actor of what somebody does at the machine, with the data in hand.
const operatorActor = "system/operator"

// deskRoles look after all enterprises of a city; staffRoles work for it in any way.
var (
	deskRoles = []optionsv1.Role{optionsv1.Role_ROLE_DISPATCHER, optionsv1.Role_ROLE_SUPERVISOR, optionsv1.Role_ROLE_MAYOR_OFFICE,
		optionsv1.Role_ROLE_CITY_ADMIN, optionsv1.Role_ROLE_AUDITOR}
	staffRoles = append([]optionsv1.Role{optionsv1.Role_ROLE_ATTENDANT, optionsv1.Role_ROLE_AGENT, optionsv1.Role_ROLE_CLERK,
		optionsv1.Role_ROLE_LEADER}, deskRoles...)
	confirmRoles = []optionsv1.Role{optionsv1.Role_ROLE_DISPATCHER, optionsv1.Role_ROLE_CITY_ADMIN}
)

func holdsAny(c authn.Caller, roles []optionsv1.Role) bool {
	for _, role := range roles {
		if c.HasRole(role) {
			return true
		}
	}
	return false
}

// config returns the city's configuration or the fault that there is no such city.
func (d *Desk) config(city string) (*directoryv1.CityConfig, error) {
	c, ok := d.Cities.Config(city)
	if !ok {
		return nil, ErrCity
	}
	return c, nil
}

func (d *Desk) county(city, code string) error {
	c, err := d.config(city)
	if err != nil {
		return err
	}
	for _, county := range c.GetCounties() {
		if county.GetCode() == code {
			return nil
		}
	}
	return ErrCounty
}

// decide runs a decision that two may race to make: who loses to a unique constraint reads again like who loses to a version.
func (d *Desk) decide(ctx context.Context, taken error, decide func(context.Context) (*change.Change, error)) error {
	var err error
	for range change.Attempts {
		err = store.Taken(d.Store.Decide(ctx, decide))
		if taken == nil || !errors.Is(err, taken) {
			return err
		}
	}
	return err
}

// Sweep deletes what has expired, until the context ends. Failing harms nobody: expiry is judged by time, never by absence.
func (d *Desk) Sweep(ctx context.Context) error {
	const every = time.Minute
	for {
		if err := d.Store.Commit(ctx, store.Sweep(d.Wall.Now())); err != nil && ctx.Err() == nil {
			d.Log.Warn("cannot delete what has expired; trying again", zap.Error(err))
		}
		if err := d.Wall.WaitUntil(ctx, d.Wall.Now().Add(every)); err != nil {
			return err // the context has ended
		}
	}
}
