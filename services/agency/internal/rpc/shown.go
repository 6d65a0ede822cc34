package rpc

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/agency/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// shown is one view of a case in the caller's language. What belongs to an item, a material, a review or a clock is shown to who is shown that; what people
// wrote about the case as a whole, to who sees all of it.
type shown struct {
	*desk.View
	language.Language
	row bool // of a list: no text but the title, and nothing that hangs on the case
}

// text is what people wrote about something that is shown.
func (s *shown) text(id string) string {
	if s.row {
		return ""
	}
	return s.Text(id)
}

// ofAll is a text about the case as a whole.
func (s *shown) ofAll(id string) string {
	if !s.Sight.All {
		return ""
	}
	return s.text(id)
}

// whole renders the view.
func (s *shown) whole() *agencyv1.Case {
	c, opening := s.Case, s.Opening()
	out := &agencyv1.Case{
		Name: caseName(c), Number: c.Number, Title: opening.Title, State: c.State, Enterprise: named(c.City, "enterprises", c.Enterprise), Project: projectName(c),
		Counties: c.Counties, Eligibility: c.Eligibility, Answers: casefile.AnswersProto(c.Answers), CatalogueVersion: c.ConfigVersion, Contact: contact(&opening),
		OpenerUnit: named(c.City, "units", c.OpenerUnit), Actions: s.Actions(), DueTime: stamp(c.DueTime()), Meetings: int32(c.Meetings),
		EndReason: s.ofAll(c.EndReason), ArrangedText: s.ofAll(c.Arranged),
		CreateTime: stamp(c.CreateTime), UpdateTime: stamp(c.UpdateTime), EndTime: stamp(c.EndTime), Etag: s.Etag(),
	}
	if c.State != casefile.Declined && c.State != casefile.Closed {
		out.SavedWorkdays, out.PlanFinishTime = int32(s.Plan.Saved), stamp(s.Plan.At(s.City, s.Plan.Finish))
	}
	for n := range c.Agreements {
		out.Agreements = append(out.Agreements, s.agreement(&c.Agreements[n]))
	}
	out.Agents = s.agents()
	if !s.row {
		s.hanging(out)
	}
	return out
}

// hanging adds what hangs on the case, as far as it is shown.
func (s *shown) hanging(out *agencyv1.Case) {
	c := s.Case
	for _, i := range s.byStage() {
		out.Items = append(out.Items, s.item(i))
	}
	s.documents(out)
	for n := range c.Commitments {
		if k := &c.Commitments[n]; s.showsItem(k.Item) {
			out.Commitments = append(out.Commitments, s.commitment(k))
		}
	}
	for n := range c.Reviews {
		if r := &c.Reviews[n]; s.showsReview(r) {
			out.JointReviews = append(out.JointReviews, s.review(r))
		}
	}
	for n := range c.Certificates {
		if k := &c.Certificates[n]; s.showsItem(k.Item) {
			out.Certificates = append(out.Certificates, s.certificate(k))
		}
	}
	for _, t := range c.Tickets {
		if s.showsItem(t.Item) {
			out.Tickets = append(out.Tickets, &agencyv1.LinkedTicket{Ticket: named(c.City, "tickets", t.ID), Number: t.Number, Item: t.Item, Reason: t.Reason,
				Open: !t.Closed, CreateTime: stamp(t.Time)})
		}
	}
	out.Clocks = s.clocks()
}

// showsItem is whether what belongs to an item is shown; what belongs to none is for who sees all.
func (s *shown) showsItem(code string) bool {
	i := s.Case.Item(code)
	return s.Sight.All || i != nil && s.Sight.ShowsItem(i)
}

// showsReview is whether some item of it is shown: who is asked about items is shown them.
func (s *shown) showsReview(r *casefile.Review) bool {
	return slices.ContainsFunc(r.Items, s.showsItem)
}

// showsClock is whether it belongs to something that is shown.
func (s *shown) showsClock(k *casefile.Clock) bool {
	switch {
	case k.Item != "":
		return s.showsItem(k.Item)
	case k.Kind == casefile.KindOpinion && k.Number > 0 && k.Number <= len(s.Case.Reviews):
		return s.showsReview(&s.Case.Reviews[k.Number-1])
	case k.Kind == casefile.KindRequest && k.Number > 0 && k.Number <= len(s.Case.Requests):
		return s.Sight.ShowsMaterial(s.Case, s.Case.Requests[k.Number-1].Material)
	default:
		return s.Sight.All
	}
}

// clock renders a clock, and how one that is owed goes on from now.
func (s *shown) clock(k casefile.Clock) *agencyv1.Clock {
	out := eventpb.Clock(k)
	if !k.Owed() {
		return out
	}
	a := k.Ahead(s.City.CalendarNamed(k.Calendar), s.Now)
	out.AsOfTime, out.Natural, out.SecondsTotal, out.SecondsLeft = stamp(a.AsOf), a.Natural, int64(a.Total/time.Second), int64(a.Left/time.Second)
	out.WorkingSpans, out.NextOpeningTime = a.Spans, stamp(a.NextOpening)
	return out
}

// clocks are those that are owed, the earliest due first.
func (s *shown) clocks() (out []*agencyv1.Clock) {
	var owed []casefile.Clock
	for _, k := range s.Case.Clocks {
		if k.Owed() && s.showsClock(&k) {
			owed = append(owed, k)
		}
	}
	slices.SortStableFunc(owed, func(a, b casefile.Clock) int { return a.Due.Compare(b.Due) })
	for _, k := range owed {
		out = append(out, s.clock(k))
	}
	return out
}

func contact(opening *store.Content) *agencyv1.Contact {
	if opening.Name == "" && opening.Phone == "" && opening.Body == "" {
		return nil
	}
	return &agencyv1.Contact{DisplayName: opening.Name, Phone: opening.Phone, Duty: opening.Body}
}

// byStage are the items in the order of their stages; what is out may lie in a stage that the case has no more, and comes last.
func (s *shown) byStage() []*casefile.Item {
	c := s.Case
	place := func(i *casefile.Item) int {
		n := slices.IndexFunc(c.Stages, func(st catalogue.Stage) bool { return st.Code == i.Def.Stage })
		if n < 0 {
			return len(c.Stages)
		}
		return n
	}
	all := make([]*casefile.Item, len(c.Items))
	for n := range c.Items {
		all[n] = &c.Items[n]
	}
	slices.SortStableFunc(all, func(a, b *casefile.Item) int { return place(a) - place(b) })
	return all
}

func (s *shown) unitName(code string, at time.Time) string {
	u := findUnit(s.City, code, at)
	return s.Pick(u.DisplayName, u.DisplayNameEn)
}

// findOfficial looks somebody up in the newest configuration, or for who serves no longer in that of the time.
func findOfficial(city *catalogue.City, person string, at time.Time) (catalogue.Official, bool) {
	if o, ok := city.Official(person); ok {
		return o, true
	}
	return city.At(at).Official(person)
}

// findUnit returns the zero unit for one that the city never had.
func findUnit(city *catalogue.City, code string, at time.Time) catalogue.Unit {
	u, ok := city.Unit(code)
	if !ok {
		u, _ = city.At(at).Unit(code)
	}
	return u
}

// stamp leaves a zero time out.
func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
