package ticket

import (
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
)

// Matter is what decides which limits a ticket has.
type Matter struct {
	Channel    string // app when empty
	AppealType string // the city's default when empty
	Category   string // may be empty
	Urgency    Urgency
}

// What a previewed clock counts from.
const (
	FromFiled      = "filed"
	FromDispatched = "dispatched"
	FromSigned     = "signed"
	FromAnswered   = "answered"
	FromGiven      = "given"
)

// Preview is the clocks that a ticket would have which is not filed.
type Preview struct {
	Ticket *Ticket // as it would be, with all the clocks
	City   *policy.City
	Policy string // empty when none binds
	Source string
	From   []string // what each clock of the ticket counts from
	Clocks []ClockExplanation
}

// In fills in what the city takes for what is not said.
func (m Matter) In(city *policy.City) Matter {
	if m.Channel == "" {
		m.Channel = ownChannels[0]
	}
	if m.AppealType == "" {
		m.AppealType = city.DefaultAppealType()
	}
	m.Urgency = max(m.Urgency, Normal)
	return m
}

// PreviewOf tells which clocks a ticket filed at an instant would have, each as late as the deadlines before it allow: it is dispatched, signed and
// answered at the last moment.
func PreviewOf(city *policy.City, m Matter, at time.Time) (Preview, error) {
	m, at = m.In(city), instant(at)
	if err := checkFiling(city, Filed{Category: m.Category, AppealType: m.AppealType}); err != nil {
		return Preview{}, err
	}
	t := &Ticket{City: city.Code(), State: StateFiled, Cycle: 1, Channel: m.Channel, AppealType: m.AppealType, Category: m.Category, Urgency: m.Urgency,
		CreateTime: at, Unit: city.DeskUnit(), Orders: []Order{{Number: 1, State: SentOrder, From: at}}}
	p := t.rules(city)
	out := Preview{Ticket: t, City: city, Policy: p.Code, Source: p.Source}
	s := &starter{t: t, city: city, policy: p}
	begin := func(k Kind, event string, from time.Time) time.Time {
		before, order := len(s.clocks), 0
		if k == KindOrderSign || k == KindHandle {
			order = 1
		}
		s.startFor(order, k, 1, Seat{Unit: t.Unit}, from)
		if len(s.clocks) == before {
			return from // no limit
		}
		out.From = append(out.From, event)
		return s.clocks[before].Due
	}
	dispatched := begin(KindDispatch, FromFiled, at)
	signed := begin(KindSign, FromDispatched, dispatched)
	answered := at
	for _, k := range ticketKinds {
		event, from := FromFiled, at
		if s.fromSign(k) {
			event, from = FromSigned, signed
		}
		if due := begin(k, event, from); k == KindAnswer {
			answered = due
		}
	}
	begin(KindVerify, FromAnswered, answered)
	ordered := begin(KindOrderSign, FromGiven, at)
	if s.fromSign(KindHandle) {
		begin(KindHandle, FromSigned, ordered)
	} else {
		begin(KindHandle, FromGiven, at)
	}
	for _, k := range []Kind{KindReturn, KindExtension, KindDialogue} {
		begin(k, FromGiven, at)
	}
	t.Clocks = s.clocks
	for _, c := range t.Clocks {
		out.Clocks = append(out.Clocks, ClockExplanation{Clock: c, Source: p.Source, Intervals: t.intervals(city.Calendar(), c, at)})
	}
	return out, nil
}

// FiledAlike tells whether a ticket would be filed under a city with the limits and due times that it was filed with.
func (t *Ticket) FiledAlike(city *policy.City) bool {
	p := t.rules(city)
	s := &starter{t: &Ticket{State: StateFiled}, city: city, policy: p}
	for _, k := range []Kind{KindDispatch, KindContact, KindAnswer} {
		was, had := t.filedWith(k)
		rule, has := p.Rule(k.String())
		switch {
		case had != has && !(has && rule.FromSign): // what counts from signing may not have begun
			return false
		case !had || !has:
			continue
		case was.Limit != rule.Limit:
			return false
		case was.Start.Equal(t.CreateTime) == rule.FromSign:
			return false
		case rule.FromSign:
			continue
		}
		s.clocks = nil
		s.start(k, 1, Seat{}, t.CreateTime)
		if !s.clocks[0].Due.Equal(was.FirstDue) {
			return false
		}
	}
	return true
}

// filedWith is the first clock of a kind.
func (t *Ticket) filedWith(k Kind) (Clock, bool) {
	for _, c := range t.Clocks {
		if c.Kind == k {
			return c, true
		}
	}
	return Clock{}, false
}
