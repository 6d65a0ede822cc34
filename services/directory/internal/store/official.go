package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/person"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Official is an official with where the journal of their person stands.
type Official struct {
	person.Official
	History
}

const officialColumns = `SELECT o.city, o.person, o.login, o.display_name, o.title, o.unit, o.phone, o.roles, o.dismissed, o.dismissed_by,
	p.version, p.head, p.changed FROM officials o JOIN persons p ON p.city = o.city AND p.id = o.person `

// Official returns an official by person; ErrNotFound for somebody who never was one. Dismissed ones are returned as such.
func (s *Store) Official(ctx context.Context, city, id string) (Official, error) {
	o, err := scanOfficial(s.DB().QueryRow(ctx, officialColumns+`WHERE o.city = $1 AND o.person = $2`, city, id))
	return o, found(err)
}

// OfficialByLogin returns an official by sign-in name; ErrNotFound if there is none.
func (s *Store) OfficialByLogin(ctx context.Context, city, login string) (Official, error) {
	o, err := scanOfficial(s.DB().QueryRow(ctx, officialColumns+`WHERE o.city = $1 AND o.login = $2`, city, login))
	return o, found(err)
}

// Officials returns all that a city has or had, by login.
func (s *Store) Officials(ctx context.Context, city string) ([]Official, error) {
	return sqldb.Collect(scanOfficial)(s.DB().Query(ctx, officialColumns+`WHERE o.city = $1 ORDER BY o.login`, city))
}

func scanOfficial(row sqldb.Row) (Official, error) {
	var o Official
	var roles string
	var dismissed sql.NullInt64
	var version, changed int64
	var head []byte
	err := row.Scan(&o.City, &o.Person, &o.Login, &o.DisplayName, &o.Title, &o.Unit, &o.Phone, &roles, &dismissed,
		(*string)(&o.DismissedBy), &version, &head, &changed)
	if err != nil {
		return o, err
	}
	o.Dismissed = maybeInstant(dismissed)
	if o.Roles, err = readRoles(roles); err != nil {
		return o, err
	}
	o.History, err = history(version, head, changed)
	return o, err
}

// Roles are stored by name, so that the table can be read by a human.
func writeRoles(roles []optionsv1.Role) string {
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = authn.RoleName(role)
	}
	return strings.Join(names, ",")
}

func readRoles(text string) ([]optionsv1.Role, error) {
	var roles []optionsv1.Role
	for name := range strings.SplitSeq(text, ",") {
		if name == "" {
			continue
		}
		role, err := authn.ParseRole(name)
		if err != nil {
			return nil, err
		}
		roles = append(roles, role)
	}
	return roles, nil
}

// AddOfficial adds somebody who serves the city, with a person of their own. o.Person is a fresh id.
func AddOfficial(c *change.Change, o *Official, now time.Time, actor string) error {
	p := Person{Person: person.Person{City: o.City, ID: o.Person, DisplayName: o.DisplayName}}
	if err := AddPerson(c, &p, nil, now, actor); err != nil {
		return err
	}
	o.History = p.History
	c.Statements = append(c.Statements, change.Exec(`INSERT INTO officials
		(city, person, login, display_name, title, unit, phone, roles, dismissed, dismissed_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		o.City, o.Person, o.Login, o.DisplayName, o.Title, o.Unit, o.Phone, writeRoles(o.Roles), maybe(o.Dismissed), string(o.DismissedBy)))
	return nil
}

// SaveOfficial stores what changed about an official; before is what was read. When what they may do has changed, tokens that
// say otherwise are revoked: the next refresh brings one that is true. now is city time, wall the instant up to which tokens
// are refused.
func SaveOfficial(c *change.Change, before Official, after *Official, now, wall time.Time, actor string) error {
	after.History = before.History
	if !slices.Equal(before.Roles, after.Roles) || before.Unit != after.Unit {
		if err := revokePerson(c, after, now, wall, actor); err != nil {
			return err
		}
	}
	c.Statements = append(c.Statements, change.Guard(`UPDATE officials SET display_name = $1, title = $2, unit = $3, phone = $4, roles = $5,
		dismissed = $6, dismissed_by = $7 WHERE city = $8 AND person = $9 AND dismissed_by = $10`,
		after.DisplayName, after.Title, after.Unit, after.Phone, writeRoles(after.Roles), maybe(after.Dismissed), string(after.DismissedBy),
		after.City, after.Person, string(before.DismissedBy)))
	return nil
}

// DismissOfficial ends somebody's service: the password and every session go at once, access tokens as soon as the event is
// read.
func DismissOfficial(c *change.Change, o *Official, by person.By, now, wall time.Time, actor string) error {
	o.Dismissed, o.DismissedBy = now, by
	if err := appendPerson(c, o.City, o.Person, &o.History, now, actor, &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_OfficialDismissed{
		OfficialDismissed: &directoryv1.OfficialDismissed{Person: o.Person}}}); err != nil {
		return err
	}
	if err := revokePerson(c, o, now, wall, actor); err != nil {
		return err
	}
	c.Statements = append(c.Statements,
		change.Guard(`UPDATE officials SET dismissed = $1, dismissed_by = $2 WHERE city = $3 AND person = $4`, micros(now), string(by), o.City, o.Person),
		change.Exec(`DELETE FROM passwords WHERE city = $1 AND person = $2`, o.City, o.Person))
	EndSessions(c, o.City, o.Person, "", wall)
	return nil
}

func revokePerson(c *change.Change, o *Official, now, wall time.Time, actor string) error {
	p := Person{Person: person.Person{City: o.City, ID: o.Person}, History: o.History}
	err := Revoke(c, &p, "", now, wall, actor)
	o.History = p.History
	return err
}
