package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Case is what is remembered of a case, with where its journal stands. Version 0 has said nothing yet.
type Case struct {
	route.Case
	City       string
	ID         string
	Enterprise string
	Project    string // may be empty
	Agreement  int    // number of the last one sealed; 0 when none was
	Taken      int64  // version of the case at the agency up to which its news are taken up
	History
	read struct{ taken, version int64 } // as stored when it was read
}

// CaseAggregate names a case in the journal and among the loads.
func CaseAggregate(id string) string { return ofCase + "/" + id }

// Vacancy is a centre's part in the case, for whoever chooses its next agent.
func (k *Case) Vacancy(centre string) route.Vacancy {
	return route.Vacancy{Enterprise: k.Enterprise, Project: k.Project, Centre: centre}
}

// Propose appends who is proposed to act for a centre, instead of who acts now.
func (k *Case) Propose(c *change.Change, centre string, choice route.Choice, now time.Time, actor string) error {
	from := k.Seat(centre).Official
	err := k.say(c, now, actor, &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_AgentProposed{AgentProposed: &attendantv1.AgentProposed{
		Case: k.ID, Agreement: int32(k.Agreement), Centre: centre, Official: choice.Official, Unit: choice.Unit, From: from, Reason: choice.Reason}}})
	k.Case = k.Proposed(centre, route.Proposal{Official: choice.Official, Version: k.Version})
	return err
}

// Return appends that a claim was given back.
func (k *Case) Return(c *change.Change, claim route.Claim, now time.Time) error {
	return k.say(c, now, Router, &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_AgentClaimReturned{
		AgentClaimReturned: &attendantv1.AgentClaimReturned{Case: k.ID, Centre: claim.Centre, Official: claim.Official}}})
}

func (k *Case) say(c *change.Change, now time.Time, actor string, e Event) (err error) {
	k.History, err = k.append(c, k.City, ofCase, k.ID, now, actor, e)
	return err
}

// SaveCase stores a case as it is now. Its Change fails with change.ErrConflict when it is not stored as it was read.
func SaveCase(c *change.Change, k *Case) {
	c.Statements = append(c.Statements, change.Guard(`INSERT INTO cases (city, id, enterprise, project, agreement, open, taken, version, head, changed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (city, id) DO UPDATE SET enterprise = excluded.enterprise, project = excluded.project, agreement = excluded.agreement,
			open = excluded.open, taken = excluded.taken, version = excluded.version, head = excluded.head, changed = excluded.changed
		WHERE cases.taken = $11 AND cases.version = $12`,
		k.City, k.ID, k.Enterprise, k.Project, k.Agreement, flag(k.Open), k.Taken, k.Version, k.Hash[:], micros(k.Time), k.read.taken, k.read.version))
	for batch := range chunks(k.Seats) {
		a := args{k.City, k.ID}
		rows := make([]string, len(batch))
		for i, s := range batch {
			var proposed any
			var proposal int64
			if s.Proposal != nil {
				proposed, proposal = s.Proposal.Official, s.Proposal.Version
			}
			rows[i] = "($1, $2, " + strings.Join([]string{a.bind(s.Centre), a.bind(s.Official), a.bind(micros(s.Since)), a.bind(s.Turned),
				a.bind(proposed), a.bind(proposal)}, ", ") + ")"
		}
		c.Statements = append(c.Statements, change.Exec(`INSERT INTO seats (city, case_id, centre, official, since, turned, proposed, proposal) VALUES `+
			strings.Join(rows, ", ")+` ON CONFLICT (city, case_id, centre) DO UPDATE SET official = excluded.official, since = excluded.since,
			turned = excluded.turned, proposed = excluded.proposed, proposal = excluded.proposal`, a...))
	}
}

// Cases returns what is remembered of cases of a city, in the order of their ids; those of which nothing is are left out.
func (s *Store) Cases(ctx context.Context, city string, wanted []string) ([]*Case, error) {
	var all []*Case
	for batch := range chunks(wanted) {
		a := args{city}
		some, err := sqldb.Collect(scanCase)(s.DB().Query(ctx, `SELECT city, id, enterprise, project, agreement, open, taken, version, head, changed FROM cases
			WHERE city = $1 AND id IN (`+a.list(batch)+`) ORDER BY id`, a...))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	known := make(map[string]*Case, len(all))
	for _, k := range all {
		known[k.ID] = k
	}
	for batch := range chunks(wanted) {
		a := args{city}
		_, err := sqldb.Collect(func(row sqldb.Row) (struct{}, error) {
			id, seat, err := scanSeat(row)
			if k := known[id]; err == nil && k != nil {
				k.Seats = append(k.Seats, seat)
			}
			return struct{}{}, err
		})(s.DB().Query(ctx, `SELECT case_id, centre, official, since, turned, proposed, proposal FROM seats
			WHERE city = $1 AND case_id IN (`+a.list(batch)+`) ORDER BY case_id, centre`, a...))
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func scanCase(row sqldb.Row) (*Case, error) {
	k := &Case{}
	var agreement, open, version, changed int64
	var head []byte
	if err := row.Scan(&k.City, &k.ID, &k.Enterprise, &k.Project, &agreement, &open, &k.Taken, &version, &head, &changed); err != nil {
		return nil, err
	}
	k.Agreement, k.Open = int(agreement), open == 1
	k.read.taken, k.read.version = k.Taken, version
	var err error
	k.History, err = historyOf(version, head, changed)
	return k, err
}

func scanSeat(row sqldb.Row) (id string, seat route.Seat, err error) {
	var since, turned, proposal int64
	var proposed sql.NullString
	if err := row.Scan(&id, &seat.Centre, &seat.Official, &since, &turned, &proposed, &proposal); err != nil {
		return id, seat, err
	}
	seat.Turned = int(turned)
	if since != 0 {
		seat.Since = instant(since)
	}
	if proposed.Valid {
		seat.Proposal = &route.Proposal{Official: proposed.String, Version: proposal}
	}
	return id, seat, nil
}

// openCases is the cases in which an official acts and that are not all being handed over already.
const openCases = ` FROM seats s JOIN cases k ON k.city = s.city AND k.id = s.case_id
	WHERE s.city = $1 AND s.official = $2 AND s.proposed IS NULL AND k.open = 1`

// OpenCases returns the oldest of the open cases in which an official acts and no other is proposed instead, and how many there are.
func (s *Store) OpenCases(ctx context.Context, city, official string, limit int) (oldest []*Case, all int, err error) {
	wanted, err := sqldb.Collect(func(row sqldb.Row) (id string, err error) { return id, row.Scan(&id) })(
		s.DB().Query(ctx, `SELECT DISTINCT s.case_id`+openCases+` ORDER BY s.case_id LIMIT $3`, city, official, limit))
	if err != nil {
		return nil, 0, err
	}
	if all = len(wanted); all == limit {
		var n int64
		if err := s.DB().QueryRow(ctx, `SELECT count(DISTINCT s.case_id)`+openCases, city, official).Scan(&n); err != nil {
			return nil, 0, err
		}
		all = int(n)
	}
	oldest, err = s.Cases(ctx, city, wanted)
	return oldest, all, err
}

// ProposalAt is the version, in the history of a case here, of what this service said at a position of its feed; 0 when it said something else there.
func (s *Store) ProposalAt(ctx context.Context, city, id string, position int64) (int64, error) {
	if position < 1 {
		return 0, nil
	}
	found, err := s.Feed(ctx, position-1, 1)
	if err != nil || len(found) == 0 || found[0].Position != position || found[0].City != city || found[0].Aggregate != CaseAggregate(id) {
		return 0, err
	}
	return found[0].Version, nil
}

// CaseHistory returns the journal of a case as this service wrote it.
func (s *Store) CaseHistory(ctx context.Context, city, id string) ([]journal.Sealed, error) {
	month, err := ids.Month(id)
	if err != nil {
		return nil, fmt.Errorf("store: case: %w", err)
	}
	return s.Journal(ctx, city, CaseAggregate(id), month)
}
