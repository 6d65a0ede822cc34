package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"time"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/visit"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Visit is a visit with where its journal stands.
type Visit struct {
	visit.Visit
	History
}

// Text is something written about a visit, in an erasable row.
type Text struct {
	Kind   string
	Number int // from 0, among those of its kind
	Body   string
}

// The kinds of texts.
const (
	Purpose  = "purpose"
	Override = "override"
	Notes    = "notes"
	Problem  = "problem"
	Cancel   = "cancel"
)

// addTexts writes texts under a key of their own and returns what the journal keeps of them: it proves what was written as long as the
// rows exist, and says nothing without their key.
func addTexts(c *change.Change, city, id string, texts []Text) []byte {
	if len(texts) == 0 {
		return nil
	}
	secret := make([]byte, sha256.Size)
	if _, err := rand.Read(secret); err != nil {
		panic("store: no randomness: " + err.Error()) // crypto/rand ends the process itself before this
	}
	h := hmac.New(sha256.New, secret)
	for _, t := range texts {
		for _, part := range []string{t.Kind, t.Body} {
			h.Write(binary.AppendUvarint(nil, uint64(len(part))))
			h.Write([]byte(part))
		}
		c.Statements = append(c.Statements, change.Exec(`INSERT INTO visit_texts (city, visit, kind, number, body, secret)
			VALUES ($1, $2, $3, $4, $5, $6)`, city, id, t.Kind, t.Number, t.Body, secret))
	}
	return h.Sum(nil)
}

// PlanVisit adds a visit. Read is what its enterprise's quiet was read as: the Change fails with change.ErrConflict when something was
// decided about its visits since.
func PlanVisit(c *change.Change, v visit.Visit, read Quiet, overridden bool, texts []Text, actor string) error {
	c.Statements = append(c.Statements, read.turn())
	h, err := History{}.append(c, v.City, ofVisit, v.ID, v.Created, actor, &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_VisitPlanned{
		VisitPlanned: &attendantv1.VisitPlanned{Visit: v.ID, Official: v.Official, Unit: v.Unit, Enterprise: v.Enterprise, Time: stamp(v.Time),
			Overridden: overridden, ContentMac: addTexts(c, v.City, v.ID, texts)}}})
	if err != nil {
		return err
	}
	c.Statements = append(c.Statements, change.Exec(`INSERT INTO visits
		(city, id, official, display_name, unit, enterprise, state, visit_time, created, version, head, changed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, v.City, v.ID, v.Official, v.DisplayName, v.Unit, v.Enterprise, int64(v.State),
		v.Time.UnixMicro(), v.Created.UnixMicro(), h.Version, h.Hash[:], h.Time.UnixMicro()))
	return nil
}

// EndVisit records that a visit was held or is off.
func EndVisit(c *change.Change, before Visit, after visit.Visit, texts []Text, now time.Time, actor string) error {
	mac := addTexts(c, after.City, after.ID, texts)
	e := &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_VisitCancelled{
		VisitCancelled: &attendantv1.VisitCancelled{Visit: after.ID, ContentMac: mac}}}
	if after.State == visit.Held {
		problems := 0
		for _, t := range texts {
			if t.Kind == Problem {
				problems++
			}
		}
		e = &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_VisitHeld{VisitHeld: &attendantv1.VisitHeld{Visit: after.ID,
			Time: stamp(after.Time), Problems: int32(problems), ContentMac: mac}}}
	}
	return saveVisit(c, before, after, now, actor, e)
}

// ReassignVisit gives a planned visit to another official.
func ReassignVisit(c *change.Change, before Visit, official, displayName, unit string, now time.Time, actor string) error {
	after := before.Visit
	after.Official, after.DisplayName, after.Unit = official, displayName, unit
	return saveVisit(c, before, after, now, actor, &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_VisitReassigned{
		VisitReassigned: &attendantv1.VisitReassigned{Visit: after.ID, Official: official, Unit: unit}}})
}

func saveVisit(c *change.Change, before Visit, after visit.Visit, now time.Time, actor string, e Event) error {
	h, err := before.append(c, after.City, ofVisit, after.ID, now, actor, e)
	if err != nil {
		return err
	}
	c.Statements = append(c.Statements, change.Guard(`UPDATE visits SET official = $1, display_name = $2, unit = $3, state = $4, visit_time = $5,
		version = $6, head = $7, changed = $8 WHERE city = $9 AND id = $10 AND version = $11`, after.Official, after.DisplayName, after.Unit,
		int64(after.State), after.Time.UnixMicro(), h.Version, h.Hash[:], h.Time.UnixMicro(), after.City, after.ID, before.Version))
	return nil
}

const visitColumns = `city, id, official, display_name, unit, enterprise, state, visit_time, created, version, head, changed`

const selectVisits = `SELECT ` + visitColumns + ` FROM visits `

func scanVisit(row sqldb.Row) (Visit, error) {
	var v Visit
	var state, at, created, version, changed int64
	var head []byte
	err := row.Scan(&v.City, &v.ID, &v.Official, &v.DisplayName, &v.Unit, &v.Enterprise, &state, &at, &created, &version, &head, &changed)
	if err != nil {
		return v, err
	}
	v.State, v.Visit.Time, v.Created = visit.State(state), instant(at), instant(created)
	v.History, err = historyOf(version, head, changed)
	return v, err
}

// Visit returns a visit; ErrNotFound if there is none, or none in scope.
func (s *Store) Visit(ctx context.Context, city, id string, scope Scope) (Visit, error) {
	a := args{city, id}
	v, err := scanVisit(s.DB().QueryRow(ctx, selectVisits+`WHERE city = $1 AND id = $2`+scope.visits(&a), a...))
	return v, found(err)
}

// visits restricts visits to those in scope.
func (scope Scope) visits(a *args) string {
	if scope.All {
		return ""
	}
	text := ` AND (official = ` + a.bind(scope.Official)
	if len(scope.Enterprises) > 0 {
		text += ` OR enterprise IN (` + a.list(scope.Enterprises) + `)`
	}
	if len(scope.Units) > 0 {
		text += ` OR unit IN (` + a.list(scope.Units) + `)`
	}
	return text + `)`
}

// Visits returns a page of visits, newest first. The filter may be refused with a fault.
func (s *Store) Visits(ctx context.Context, l List) ([]Visit, error) {
	a := args{l.City}
	text := selectVisits + `WHERE city = $1`
	if l.Before != "" {
		text += ` AND id < ` + a.bind(l.Before)
	}
	text += l.Scope.visits(&a)
	where, err := visitFields.Where(l.Filter, len(a)+1)
	if err != nil {
		return nil, err
	}
	a = append(a, where.Args...)
	text += ` AND ` + where.SQL + ` ORDER BY id DESC LIMIT ` + a.bind(l.Limit)
	return sqldb.Collect(scanVisit)(s.DB().Query(ctx, text, a...))
}

// visitFields is what visits can be filtered by. Names of resources are taken as well as ids.
var visitFields = filter.New(
	filter.Field{Name: "enterprise", Column: "enterprise", Arg: lastPart},
	filter.Field{Name: "official", Column: "official", Arg: lastPart},
	filter.Field{Name: "state", Column: "state", Type: filter.Enum, Values: map[string]any{"PLANNED": int64(visit.Planned), "HELD": int64(visit.Held),
		"CANCELLED": int64(visit.Cancelled)}},
)

// PlannedVisits returns the visits that an official is to make, oldest first.
func (s *Store) PlannedVisits(ctx context.Context, city, official string) ([]Visit, error) {
	return sqldb.Collect(scanVisit)(s.DB().Query(ctx, selectVisits+`WHERE city = $1 AND official = $2 AND state = $3 ORDER BY id`,
		city, official, int64(visit.Planned)))
}

// Near returns the nearest visits to an enterprise around an instant that were not cancelled; nil where there is none.
func (s *Store) Near(ctx context.Context, city, enterprise string, at time.Time) (before, after *visit.Visit, err error) {
	nearest := func(tail string) (*visit.Visit, error) {
		v, err := scanVisit(s.DB().QueryRow(ctx, selectVisits+`WHERE city = $1 AND enterprise = $2 AND state <> $3 AND `+tail, city, enterprise,
			int64(visit.Cancelled), at.UnixMicro()))
		switch {
		case errors.Is(err, sqldb.ErrNoRows):
			return nil, nil
		case err != nil:
			return nil, err
		}
		return &v.Visit, nil
	}
	if before, err = nearest(`visit_time <= $4 ORDER BY visit_time DESC LIMIT 1`); err != nil {
		return nil, nil, err
	}
	after, err = nearest(`visit_time > $4 ORDER BY visit_time LIMIT 1`)
	return before, after, err
}

// Texts returns what was written about visits, by visit.
func (s *Store) Texts(ctx context.Context, city string, visits []string) (map[string][]Text, error) {
	all := map[string][]Text{}
	err := s.perVisit(ctx, `SELECT visit, kind, number, body FROM visit_texts`, ` ORDER BY visit, kind, number`, city, visits, func(row sqldb.Row) error {
		var t Text
		var id string
		var number int64
		err := row.Scan(&id, &t.Kind, &number, &t.Body)
		t.Number = int(number)
		all[id] = append(all[id], t)
		return err
	})
	return all, err
}

// VisitTickets returns the tickets that came of visits, by visit.
func (s *Store) VisitTickets(ctx context.Context, city string, visits []string) (map[string][]string, error) {
	all := map[string][]string{}
	err := s.perVisit(ctx, `SELECT visit, ticket FROM visit_tickets`, ` ORDER BY visit, ticket`, city, visits, func(row sqldb.Row) error {
		var id, ticket string
		err := row.Scan(&id, &ticket)
		all[id] = append(all[id], ticket)
		return err
	})
	return all, err
}

func (s *Store) perVisit(ctx context.Context, text, tail, city string, visits []string, each func(sqldb.Row) error) error {
	for batch := range chunks(visits) {
		a := args{city}
		rows, err := s.DB().Query(ctx, text+` WHERE city = $1 AND visit IN (`+a.list(batch)+`)`+tail, a...)
		if _, err = sqldb.Collect(func(row sqldb.Row) (struct{}, error) { return struct{}{}, each(row) })(rows, err); err != nil {
			return err
		}
	}
	return nil
}

// LinkVisit notes that a ticket came of a visit, if it is the visited enterprise's. A confidential ticket names no enterprise and so stays
// unlinked: the visit would tell whose it is.
func LinkVisit(city, id, ticket, enterprise string) change.Statement {
	return change.Exec(`INSERT INTO visit_tickets (city, visit, ticket) SELECT city, id, CAST($3 AS TEXT) FROM visits
		WHERE city = $1 AND id = $2 AND enterprise = $4 ON CONFLICT (city, visit, ticket) DO NOTHING`, city, id, ticket, enterprise)
}

// Quiet is what an enterprise said of visits, with where its journal stands, and how much was decided about its visits.
type Quiet struct {
	visit.Quiet
	Reason string
	History
	Turn int64
}

// turn makes a Change depend on nothing else having been decided about an enterprise's visits.
func (q Quiet) turn() change.Statement {
	return change.Guard(`INSERT INTO quiets (city, enterprise, quiet, quiet_until, reason, turn, version, head, changed)
		VALUES ($1, $2, 0, NULL, '', 1, 0, $3, 0)
		ON CONFLICT (city, enterprise) DO UPDATE SET turn = quiets.turn + 1 WHERE quiets.turn = $4`, q.City, q.Enterprise, q.Hash[:], q.Turn)
}

// SaveQuiet stores what an enterprise says now.
func SaveQuiet(c *change.Change, before Quiet, after visit.Quiet, reason string, now time.Time, actor string) error {
	h, err := before.append(c, after.City, ofEnterprise, after.Enterprise, now, actor, &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_QuietChanged{
		QuietChanged: &attendantv1.QuietChanged{Enterprise: after.Enterprise, Quiet: after.Quiet, Until: stamp(after.Until)}}})
	if err != nil {
		return err
	}
	c.Statements = append(c.Statements, before.turn(), change.Exec(`UPDATE quiets SET quiet = $1, quiet_until = $2, reason = $3, version = $4, head = $5,
		changed = $6 WHERE city = $7 AND enterprise = $8`, flag(after.Quiet), maybe(after.Until), reason, h.Version, h.Hash[:], h.Time.UnixMicro(),
		after.City, after.Enterprise))
	return nil
}

// Quiet returns what an enterprise said last; one that never said anything does not mind.
func (s *Store) Quiet(ctx context.Context, city, enterprise string) (Quiet, error) {
	q := Quiet{Quiet: visit.Quiet{City: city, Enterprise: enterprise}}
	var quiet, version, changed int64
	var until sql.NullInt64
	var head []byte
	err := s.DB().QueryRow(ctx, `SELECT quiet, quiet_until, reason, turn, version, head, changed FROM quiets WHERE city = $1 AND enterprise = $2`,
		city, enterprise).Scan(&quiet, &until, &q.Reason, &q.Turn, &version, &head, &changed)
	switch {
	case errors.Is(err, sqldb.ErrNoRows):
		return q, nil
	case err != nil:
		return q, err
	}
	q.Quiet.Quiet, q.Until = quiet == 1, maybeInstant(until)
	q.History, err = historyOf(version, head, changed)
	if version == 0 {
		q.History = History{}
	}
	return q, err
}
