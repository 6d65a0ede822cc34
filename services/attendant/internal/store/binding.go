package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Binding is a binding with where its journal stands.
type Binding struct {
	binding.Binding
	History
}

// AddBinding adds a new binding. If its post has been taken meanwhile, the commit fails with a UniqueError named Primary.
func AddBinding(c *change.Change, b binding.Binding, actor string) error {
	h, err := History{}.append(c, b.City, ofBinding, b.ID, b.Start, actor, &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_BindingCreated{
		BindingCreated: &attendantv1.BindingCreated{Binding: b.ID, Official: b.Official, Unit: b.Unit, Role: int32(b.Role), Enterprise: b.Enterprise,
			Project: b.Project, Start: stamp(b.Start), End: stamp(b.End), Deputy: b.Deputy}}})
	if err != nil {
		return err
	}
	c.Statements = append(c.Statements, change.Exec(`INSERT INTO bindings
		(city, id, official, display_name, unit, role, enterprise, project, deputy, start_time, end_time, active, version, head, changed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		b.City, b.ID, b.Official, b.DisplayName, b.Unit, int64(b.Role), b.Enterprise, b.Project, b.Deputy,
		b.Start.UnixMicro(), maybe(b.End), flag(b.Active), h.Version, h.Hash[:], h.Time.UnixMicro()))
	if !b.End.IsZero() {
		c.Due = append(c.Due, change.Due{City: b.City, Aggregate: BindingAggregate(b.ID), At: b.End})
	}
	return nil
}

// EndBinding records that a binding has ended, at the instant in it.
func EndBinding(c *change.Change, before Binding, after binding.Binding, actor string) error {
	h, err := before.append(c, after.City, ofBinding, after.ID, after.End, actor, &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_BindingEnded{
		BindingEnded: &attendantv1.BindingEnded{Binding: after.ID, End: stamp(after.End)}}})
	if err != nil {
		return err
	}
	c.Statements = append(c.Statements, change.Guard(`UPDATE bindings SET end_time = $1, active = $2, version = $3, head = $4, changed = $5
		WHERE city = $6 AND id = $7 AND version = $8`,
		maybe(after.End), flag(after.Active), h.Version, h.Hash[:], h.Time.UnixMicro(), after.City, after.ID, before.Version))
	c.Due = append(c.Due, change.Due{City: after.City, Aggregate: BindingAggregate(after.ID)})
	return nil
}

// Room makes a Change depend on an official's being bound to fewer enterprises than a number, one of them left out: it fails with
// change.ErrConflict otherwise. Binds must come before it in the Change: it makes those who bind in one city take turns.
func Room(city, official, without string, most int) change.Statement {
	return change.Guard(`UPDATE cities SET bound = bound WHERE city = $1 AND (`+countEnterprises+` AND enterprise <> $3) < $4`, city, official, without, most)
}

const countEnterprises = `SELECT count(DISTINCT enterprise) FROM bindings WHERE city = $1 AND official = $2 AND active = 1 AND role = 1`

// Enterprises counts the enterprises to which an official is bound as attendant, one of them left out.
func (s *Store) Enterprises(ctx context.Context, city, official, without string) (int, error) {
	var n int64
	err := s.DB().QueryRow(ctx, countEnterprises+` AND enterprise <> $3`, city, official, without).Scan(&n)
	return int(n), err
}

// EnterprisesOf counts the enterprises to which officials are bound as attendants; who is bound to none is left out.
func (s *Store) EnterprisesOf(ctx context.Context, city string, officials []string) (map[string]int, error) {
	counts := make(map[string]int, len(officials))
	for batch := range chunks(officials) {
		a := args{city}
		rows, err := s.DB().Query(ctx, `SELECT official, count(DISTINCT enterprise) FROM bindings
			WHERE city = $1 AND official IN (`+a.list(batch)+`) AND active = 1 AND role = 1 GROUP BY official`, a...)
		_, err = sqldb.Collect(func(row sqldb.Row) (struct{}, error) {
			var official string
			var n int64
			err := row.Scan(&official, &n)
			counts[official] = int(n)
			return struct{}{}, err
		})(rows, err)
		if err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// BindingAggregate names a binding in the journal and among the deadlines.
func BindingAggregate(id string) string { return ofBinding + "/" + id }

// BindingOf is the id in such a name; false when it names something else.
func BindingOf(aggregate string) (string, bool) { return strings.CutPrefix(aggregate, ofBinding+"/") }

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

const selectBindings = `SELECT city, id, official, display_name, unit, role, enterprise, project, deputy, start_time, end_time, active, version, head, changed
	FROM bindings `

// Binding returns a binding; ErrNotFound if there is none.
func (s *Store) Binding(ctx context.Context, city, id string) (Binding, error) {
	b, err := scanBinding(s.DB().QueryRow(ctx, selectBindings+`WHERE city = $1 AND id = $2`, city, id))
	return b, found(err)
}

// Holder returns the active binding of a post; ErrNotFound if it is free.
func (s *Store) Holder(ctx context.Context, p binding.Post) (Binding, error) {
	b, err := scanBinding(s.DB().QueryRow(ctx, selectBindings+`WHERE city = $1 AND enterprise = $2 AND project = $3 AND role = $4 AND active = 1`,
		p.City, p.Enterprise, p.Project, int64(p.Role)))
	return b, found(err)
}

// BindingsOf returns the active bindings of enterprises and their projects, in no order.
func (s *Store) BindingsOf(ctx context.Context, city string, enterprises []string) ([]binding.Binding, error) {
	if len(enterprises) == 0 {
		return nil, nil
	}
	var a args
	text := selectBindings + `WHERE city = ` + a.bind(city) + ` AND active = 1 AND enterprise IN (` + a.list(enterprises) + `)`
	return sqldb.Collect(func(row sqldb.Row) (binding.Binding, error) {
		b, err := scanBinding(row)
		return b.Binding, err
	})(s.DB().Query(ctx, text, a...))
}

// BoundTo returns the active bindings of an official, oldest first.
func (s *Store) BoundTo(ctx context.Context, city, official string) ([]Binding, error) {
	return sqldb.Collect(scanBinding)(s.DB().Query(ctx, selectBindings+`WHERE city = $1 AND official = $2 AND active = 1 ORDER BY id`, city, official))
}

// Scope is whose bindings somebody may list.
type Scope struct {
	All         bool
	Official    string
	Enterprises []string
	Units       []string // of visits only
}

// List is one page of bindings.
type List struct {
	City   string
	Scope  Scope
	Filter string
	Before string // id of the last one shown; empty for the first page
	Limit  int
}

// Bindings returns a page of bindings, newest first. The filter may be refused with a fault.
func (s *Store) Bindings(ctx context.Context, l List) ([]Binding, error) {
	a := args{l.City}
	text := selectBindings + `WHERE city = $1`
	if l.Before != "" {
		text += ` AND id < ` + a.bind(l.Before)
	}
	if !l.Scope.All {
		text += ` AND (official = ` + a.bind(l.Scope.Official)
		if len(l.Scope.Enterprises) > 0 {
			text += ` OR enterprise IN (` + a.list(l.Scope.Enterprises) + `)`
		}
		text += `)`
	}
	where, err := bindingFields.Where(l.Filter, len(a)+1)
	if err != nil {
		return nil, err
	}
	a = append(a, where.Args...)
	text += ` AND ` + where.SQL + ` ORDER BY id DESC LIMIT ` + a.bind(l.Limit)
	return sqldb.Collect(scanBinding)(s.DB().Query(ctx, text, a...))
}

// bindingFields is what bindings can be filtered by. Names of resources are taken as well as ids.
var bindingFields = filter.New(
	filter.Field{Name: "enterprise", Column: "enterprise", Arg: lastPart},
	filter.Field{Name: "project", Column: "project", Arg: lastPart, Ops: filter.Presence},
	filter.Field{Name: "official", Column: "official", Arg: lastPart},
	filter.Field{Name: "role", Column: "role", Type: filter.Enum,
		Values: map[string]any{"ATTENDANT": int64(binding.Attendant), "AGENT": int64(binding.Agent)}},
	filter.Field{Name: "active", Column: "active", Type: filter.Bool, Arg: func(v any) (any, error) { return flag(v == true), nil }},
)

func lastPart(v any) (any, error) {
	name, _ := v.(string)
	return name[strings.LastIndexByte(name, '/')+1:], nil
}

func scanBinding(row sqldb.Row) (Binding, error) {
	var b Binding
	var role, start, active, version, changed int64
	var end sql.NullInt64
	var head []byte
	err := row.Scan(&b.City, &b.ID, &b.Official, &b.DisplayName, &b.Unit, &role, &b.Enterprise, &b.Project, &b.Deputy, &start, &end, &active,
		&version, &head, &changed)
	if err != nil {
		return b, err
	}
	b.Role, b.Start, b.End, b.Active = binding.Role(role), instant(start), maybeInstant(end), active == 1
	b.History, err = historyOf(version, head, changed)
	return b, err
}
