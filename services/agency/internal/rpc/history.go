package rpc

import (
	"context"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
)

// ListCaseEvents returns the case's history.
func (s *Server) ListCaseEvents(ctx context.Context, in *agencyv1.ListCaseEventsRequest) (*agencyv1.ListCaseEventsResponse, error) {
	view, entries, verified, err := s.desk.History(ctx, callerOf(ctx), refOf(in.GetParent()))
	if err != nil {
		return nil, err
	}
	out := &agencyv1.ListCaseEventsResponse{ChainVerified: verified}
	for _, e := range entries {
		out.Events = append(out.Events, show(ctx, &view).entry(e))
	}
	return out, nil
}

// entry renders an event; one that is about what is not shown has a type and a time, and its place in the chain.
func (s *shown) entry(e desk.Entry) *agencyv1.CaseEntry {
	out := &agencyv1.CaseEntry{Version: e.Event.Version, EventTime: stamp(e.Event.Time), Type: e.Event.Type(),
		Hash: e.Sealed.Hash.String(), PreviousHash: e.Sealed.Previous.String()}
	about := s.subjectOf(e.Event.Body)
	if !s.shows(about) {
		return out
	}
	out.Item = about.item
	out.Actor, out.ActorDisplayName = s.actor(e.Event, about)
	out.Text = s.told(e.Event, about)
	return out
}

// subject is what an event is about.
type subject struct {
	item     string           // code; empty for none
	material string           // code; empty for none
	review   *casefile.Review // nil for none
	inner    bool             // about none of these, and for who sees all of the case only
}

// subjectOf tells what an event is about.
func (s *shown) subjectOf(body proto.Message) subject {
	c := s.Case
	switch b := body.(type) {
	case *agencyv1.DocumentAdded:
		return subject{material: b.GetMaterial(), inner: b.GetMaterial() == ""}
	case *agencyv1.MaterialRequested:
		return subject{material: b.GetMaterial()}
	case *agencyv1.MaterialObtained:
		return subject{material: b.GetMaterial()}
	case *agencyv1.JointReviewOpened:
		return s.aboutReview(int(b.GetNumber()))
	case *agencyv1.OpinionGiven:
		return s.aboutReview(int(b.GetNumber()))
	case *agencyv1.JointReviewConcluded:
		return s.aboutReview(int(b.GetNumber()))
	case *agencyv1.TicketLinked:
		return subject{item: b.GetItem(), inner: b.GetItem() == ""}
	case *agencyv1.TicketMoved:
		n := slices.IndexFunc(c.Tickets, func(t casefile.Ticket) bool { return t.ID == b.GetTicket() })
		return subject{item: c.Tickets[n].Item, inner: c.Tickets[n].Item == ""}
	case interface{ GetClock() int32 }:
		return s.aboutClock(&c.Clocks[b.GetClock()-1])
	case interface{ GetItem() string }:
		return subject{item: b.GetItem()}
	case *agencyv1.AgreementOffered, *agencyv1.AgreementSigned, *agencyv1.AgreementSealed, *agencyv1.AgreementTerminated:
		return subject{}
	case interface{ GetNumber() int32 }: // of a commitment: everything else with a number was above
		return subject{item: c.Commitment(int(b.GetNumber())).Item}
	default:
		return subject{}
	}
}

func (s *shown) aboutReview(number int) subject { return subject{review: &s.Case.Reviews[number-1]} }

func (s *shown) aboutClock(k *casefile.Clock) subject {
	switch k.Kind {
	case casefile.KindOpinion:
		return s.aboutReview(k.Number)
	case casefile.KindRequest:
		return subject{material: s.Case.Requests[k.Number-1].Material}
	default:
		return subject{item: k.Item, inner: k.Item == ""}
	}
}

func (s *shown) shows(about subject) bool {
	switch {
	case s.Sight.All:
		return true
	case about.item != "":
		return s.showsItem(about.item)
	case about.material != "":
		return s.Sight.ShowsMaterial(s.Case, about.material)
	case about.review != nil:
		return s.showsReview(about.review)
	default:
		return !about.inner
	}
}

// What somebody was to the case when they did something.
const (
	actorEnterprise = "enterprise"
	actorAgent      = "agent"
	actorUnit       = "unit"
	actorCentre     = "centre"
	actorDepartment = "department"
	actorOffice     = "office"
	actorSystem     = "system"
	actorLine       = "line"
)

// actor is as what somebody did something, and what an official, or a department's own system, is called. Who acts for the enterprise is not named.
func (s *shown) actor(e casefile.Event, about subject) (as, name string) {
	kind, rest, other := strings.Cut(e.Actor, "/")
	switch {
	case other && kind == "line":
		system, _ := s.City.LineSystem(rest)
		return actorLine, s.Pick(system.DisplayName, system.DisplayNameEn)
	case other:
		return actorSystem, ""
	}
	o, official := findOfficial(s.City, e.Actor, e.Time)
	if !official {
		return actorEnterprise, ""
	}
	if note, ok := e.Body.(*agencyv1.NoteWritten); ok {
		return note.GetAuthor(), o.DisplayName
	}
	return s.officially(o.Person, o.Unit, o.Agent, about, e.Time), o.DisplayName
}

// officially is as what an official acted: as an agent, for the unit that decides what it is about, for a centre, for who opened the case, or from above.
func (s *shown) officially(person, unit string, agent bool, about subject, at time.Time) string {
	city := s.City
	decides := func(code string) bool {
		i := s.Case.Item(code)
		return i != nil && city.IsBelow(i.Unit, unit)
	}
	opines := func(o casefile.Opinion) bool { return city.IsBelow(o.Unit, unit) }
	acts := func(a casefile.Assignment) bool {
		return a.Official == person && !at.Before(a.From) && (a.To.IsZero() || !at.After(a.To))
	}
	switch {
	case agent && slices.ContainsFunc(s.Case.Agents, acts):
		return actorAgent
	case about.item != "" && decides(about.item), about.review != nil && (city.IsBelow(about.review.Lead, unit) || slices.ContainsFunc(about.review.Opinions, opines)):
		return actorUnit
	case city.IsCentre(unit):
		return actorCentre
	case s.Case.OpenerUnit != "" && city.IsBelow(s.Case.OpenerUnit, unit):
		return actorDepartment
	case slices.ContainsFunc(s.Case.Items, func(i casefile.Item) bool { return city.IsBelow(i.Unit, unit) }):
		return actorUnit
	default:
		return actorOffice
	}
}
