// Package authn answers who calls and whether that caller may use a method at all. It issues and verifies the suite's signed
// tokens (JWT, EdDSA only), carries the verified Caller in the context, keeps the set of revoked sessions, and reads the role
// rule that every method declares in its contract. What a caller may see among the rows is not decided here: that is each use
// case's and each query's business.
//
// Every service verifies tokens itself; nothing is believed because the gateway said it. It depends on kit's fault and clock
// and on the options contract.
package authn

import (
	"context"
	"slices"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
)

// Kind is what sort of caller it is.
type Kind uint8

const (
	// Anonymous is a caller without a token; only public methods are open to it.
	Anonymous Kind = iota
	// Person is somebody signed in to a city.
	Person
	// Service is another service of the suite acting for itself, never for a person.
	Service
	// System is a named process inside this service, such as the sweeper. It never comes over the wire.
	System
)

// String names the kind for logs.
func (k Kind) String() string {
	switch k {
	case Person:
		return "person"
	case Service:
		return "service"
	case System:
		return "system"
	default:
		return "anonymous"
	}
}

// Grant is one role, in one unit where the role is a unit's.
type Grant struct {
	Role optionsv1.Role
	Unit string // code of the unit; empty for a role of the whole city
}

// Caller is who is calling, as proven by a token. It is shared between requests: nobody may change its slices.
type Caller struct {
	Kind        Kind
	City        string   // the one city a person's token speaks for; empty for services
	Person      string   // id, for a person
	Name        string   // of the service or the process, otherwise
	Unit        string   // the unit a person works in; empty for the public
	Roles       []Grant  // what the person may act as
	Enterprises []string // ids of the enterprises whose membership is confirmed
	AdminOf     []string // ids of the enterprises the person administers
	Session     string   // id of the sign-in the token belongs to
	Phone       string   // proven at sign-in, 11 digits; empty for officials. Personal: never in logs, events or errors
}

// SystemCaller is a process inside the service, acting for a city by its own name.
func SystemCaller(process, city string) Caller {
	return Caller{Kind: System, Name: process, City: city}
}

// HasRole tells whether the caller holds the role anywhere. Members and enterprise administrators hold theirs through their
// enterprises.
func (c Caller) HasRole(role optionsv1.Role) bool {
	switch role {
	case optionsv1.Role_ROLE_UNSPECIFIED:
		return false
	case optionsv1.Role_ROLE_MEMBER:
		return len(c.Enterprises) > 0
	case optionsv1.Role_ROLE_ENTERPRISE_ADMIN:
		return len(c.AdminOf) > 0
	default:
		return slices.ContainsFunc(c.Roles, func(g Grant) bool { return g.Role == role })
	}
}

// UnitsOf lists the units in which the caller holds the role.
func (c Caller) UnitsOf(role optionsv1.Role) []string {
	var units []string
	for _, g := range c.Roles {
		if g.Role == role && g.Unit != "" && role != optionsv1.Role_ROLE_UNSPECIFIED {
			units = append(units, g.Unit)
		}
	}
	return units
}

// MemberOf tells whether the caller's membership of the enterprise is confirmed.
func (c Caller) MemberOf(enterprise string) bool {
	return enterprise != "" && slices.Contains(c.Enterprises, enterprise)
}

// Administers tells whether the caller is an administrator of the enterprise.
func (c Caller) Administers(enterprise string) bool {
	return enterprise != "" && slices.Contains(c.AdminOf, enterprise)
}

// ID is how the journal and the log name the caller: a person by id, everything else by its name.
func (c Caller) ID() string {
	if c.Kind == Person {
		return c.Person
	}
	return c.Name
}

type (
	callerKey struct{}
	tokenKey  struct{}
)

// WithCaller puts a caller into the context.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, &c)
}

// FromContext is the caller in the context, Anonymous when there is none.
func FromContext(ctx context.Context) Caller {
	if c, ok := ctx.Value(callerKey{}).(*Caller); ok {
		return *c
	}
	return Caller{}
}

// WithToken keeps the person's token beside the caller, so that a call to another service can be made in their name.
func WithToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, tokenKey{}, token)
}

// Token is the token of WithToken.
func Token(ctx context.Context) (string, bool) {
	token, ok := ctx.Value(tokenKey{}).(string)
	return token, ok
}
