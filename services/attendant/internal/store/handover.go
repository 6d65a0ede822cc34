package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/ids"
)

// Proposal is a ticket that is to go to another holder.
type Proposal struct {
	Ticket string
	Choice route.Choice // empty for the desk's queue
}

// CaseProposal is a centre's part in a case that is to go to another agent.
type CaseProposal struct {
	Case   string
	Centre string
	Choice route.Choice // empty when the centre is to choose
}

// Handover is a decision to hand over, as its journal tells it.
type Handover struct {
	City      string
	ID        string
	From      string
	Official  string // who takes over; empty when each ticket goes its own way
	Way       route.Way
	Reason    string
	Note      string
	Time      time.Time
	Ended     []string // ids of bindings
	Bindings  []string // ids of those that began
	Visits    []string // ids of planned visits
	Proposals []Proposal
	// CaseProposals are said in the cases' own histories.
	CaseProposals []CaseProposal
}

// AddHandover writes a hand-over: the decision first, then a proposal for each ticket; those of cases are the caller's to write. After is where this service's feed stood when it
// was decided. The Change fails with change.ErrConflict when somebody else holds one of the tickets by now, or it is being handed over
// already, or who is chosen by load has reached the most they take.
func AddHandover(c *change.Change, h Handover, after int64, actor string) error {
	made := &attendantv1.HandoverMade{Handover: h.ID, From: h.From, Official: h.Official, Target: int32(h.Way), Reason: h.Reason,
		Tickets: int32(len(h.Proposals)), Ended: h.Ended, Bindings: h.Bindings, Visits: h.Visits}
	for _, p := range h.CaseProposals {
		made.Cases = append(made.Cases, &attendantv1.HandoverCase{Case: p.Case, Centre: p.Centre, Official: p.Choice.Official})
	}
	events := []*attendantv1.AttendantEvent{{Event: &attendantv1.AttendantEvent_HandoverMade{HandoverMade: made}}}
	for _, p := range h.Proposals {
		events = append(events, &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_HandoverProposed{HandoverProposed: &attendantv1.HandoverProposed{
			Ticket: p.Ticket, From: h.From, Official: p.Choice.Official, Unit: p.Choice.Unit, Reason: h.Reason}}})
	}
	var stands History
	for _, e := range events {
		var err error
		if stands, err = stands.append(c, h.City, ofHandover, h.ID, h.Time, actor, e); err != nil {
			return err
		}
	}
	c.Statements = append(c.Statements, change.Exec(`INSERT INTO handovers (city, id, note, version, head, changed) VALUES ($1, $2, $3, $4, $5, $6)`,
		h.City, h.ID, h.Note, stands.Version, stands.Hash[:], stands.Time.UnixMicro()))
	return offer(c, h, after)
}

// offer notes the proposals that wait for their answer, and counts them as load. A ticket that somebody else holds by now, or that is
// offered already, leaves the count short, and so the whole Change undone.
func offer(c *change.Change, h Handover, after int64) error {
	for batch := range chunks(h.Proposals) {
		a := args{h.City, h.ID, after, h.From, int64(route.Held)}
		rows := make([]string, len(batch))
		for i, p := range batch {
			month, err := ids.Month(p.Ticket)
			if err != nil {
				return fmt.Errorf("store: ticket: %w", err)
			}
			rows[i] = "(CAST(" + a.bind(month) + " AS INTEGER), CAST(" + a.bind(p.Ticket) + " AS TEXT), CAST(" + a.bind(p.Choice.Official) + " AS TEXT))"
		}
		c.Statements = append(c.Statements, change.Exec(`INSERT INTO offers (city, ticket, official, after_position, handover)
			SELECT t.city, t.id, v.column3, CAST($3 AS BIGINT), CAST($2 AS TEXT) FROM (VALUES `+strings.Join(rows, ", ")+`) AS v
			JOIN tickets t ON t.city = $1 AND t.month = v.column1 AND t.id = v.column2
			WHERE t.official = $4 AND t.stage = $5
			ON CONFLICT (city, ticket) DO NOTHING`, a...))
	}
	c.Statements = append(c.Statements, change.Guard(`UPDATE handovers SET changed = changed WHERE city = $1 AND id = $2
		AND (SELECT count(*) FROM offers WHERE city = $1 AND handover = $2) = $3`, h.City, h.ID, len(h.Proposals)))
	var uncapped []Proposal
	for _, p := range h.Proposals {
		switch {
		case p.Choice.Official == "":
		case p.Choice.Cap > 0:
			c.Statements = append(c.Statements, Claim(h.City, p.Choice.Official, p.Ticket, p.Choice.Cap))
		default:
			uncapped = append(uncapped, p)
		}
	}
	for batch := range chunks(uncapped) {
		a := args{h.City}
		rows := make([]string, len(batch))
		for i, p := range batch {
			rows[i] = "($1, " + a.bind(p.Choice.Official) + ", " + a.bind(p.Ticket) + ")"
		}
		c.Statements = append(c.Statements, change.Exec(`INSERT INTO loads (city, official, ticket) VALUES `+strings.Join(rows, ", ")+
			` ON CONFLICT (city, official, ticket) DO NOTHING`, a...))
	}
	return nil
}

// EndOffer forgets a hand-over that was answered.
func EndOffer(city, ticket string, o route.Offer) change.Statement {
	return change.Exec(`DELETE FROM offers WHERE city = $1 AND ticket = $2 AND after_position = $3`, city, ticket, o.After)
}

// Handover returns a hand-over; ErrNotFound if there is none.
func (s *Store) Handover(ctx context.Context, city, id string) (Handover, error) {
	h := Handover{City: city, ID: id}
	if err := s.DB().QueryRow(ctx, `SELECT note FROM handovers WHERE city = $1 AND id = $2`, city, id).Scan(&h.Note); err != nil {
		return h, found(err)
	}
	month, err := ids.Month(id)
	if err != nil {
		return h, fmt.Errorf("store: hand-over: %w", err)
	}
	history, err := s.Journal(ctx, city, ofHandover+"/"+id, month)
	if err != nil {
		return h, err
	}
	for _, sealed := range history {
		e := &attendantv1.AttendantEvent{}
		if err := proto.Unmarshal(sealed.Payload, e); err != nil {
			return h, fmt.Errorf("store: hand-over %s: %w", id, err)
		}
		if made := e.GetHandoverMade(); made != nil {
			h.From, h.Official, h.Way, h.Reason, h.Time = made.GetFrom(), made.GetOfficial(), route.Way(made.GetTarget()), made.GetReason(), sealed.Time
			h.Ended, h.Bindings, h.Visits = made.GetEnded(), made.GetBindings(), made.GetVisits()
			for _, p := range made.GetCases() {
				h.CaseProposals = append(h.CaseProposals, CaseProposal{Case: p.GetCase(), Centre: p.GetCentre(), Choice: route.Choice{Official: p.GetOfficial()}})
			}
		}
		if p := e.GetHandoverProposed(); p != nil {
			h.Proposals = append(h.Proposals, Proposal{Ticket: p.GetTicket(), Choice: route.Choice{Official: p.GetOfficial(), Unit: p.GetUnit()}})
		}
	}
	return h, nil
}
