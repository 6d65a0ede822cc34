package desk

import (
	"context"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/text"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// MaxReveals is how many phones one person looks at on one day.
const MaxReveals = 50

// ErrRevealsExhausted refuses one more look.
var ErrRevealsExhausted = fault.New(fault.Exhausted, hotlinev1.ErrorReason_REVEALS_EXHAUSTED.String(),
	"您今天已查看 50 次联系电话，达到每日上限，请明天再看，或请派单员代为联系。",
	"You have looked at 50 phones today, as many as one person may. Look again tomorrow, or ask the hotline desk to call.")

// Reveal shows the filer's phone in full, and lets the history say who looked and why. Phones are sold one by one: whoever looks at more than a day's work
// needs is refused, and an operator is told.
func (d *Desk) Reveal(ctx context.Context, caller authn.Caller, call Call, ref Ref, reason, words string) (View, error) {
	view, _, err := d.do(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		check := text.Optional
		if reason == ticket.RevealOther {
			check = text.Required
		}
		if err := check("note", words); err != nil {
			return nil, err
		}
		events, err := a.from.Ticket.RevealContact(a.context, reason, a.write(KindReveal, a.from.Ticket.InsideAuthorOf(a.context.Actor), words))
		if err != nil {
			return nil, err
		}
		return events, a.countReveal(caller.Person)
	})
	switch {
	case fault.Has(err, hotlinev1.ErrorReason_REVEALS_EXHAUSTED.String()):
		d.looks.WithLabelValues("refused").Inc()
		d.Log.Warn("somebody looks at more phones than one person may on a day", zap.String("city", ref.City), zap.String("person", caller.Person),
			zap.Int("most", MaxReveals))
		return View{}, err
	case err != nil:
		return View{}, err
	case !view.MayReveal(): // a repeated call of who had it in hand then
		return View{}, ticket.ErrContactNotHeld
	}
	d.looks.WithLabelValues("shown").Inc()
	return view, nil
}

// countReveal counts a look, if there is a phone and the day has room for one more.
func (a *act) countReveal(person string) error {
	filing, err := a.desk.Store.Filing(a, a.from.Key)
	if err != nil {
		return err
	}
	if filing.Phone == "" {
		return ticket.ErrContactAbsent
	}
	day := a.context.Now.In(worktime.Zone).Format("2006-01-02")
	n, err := a.desk.Store.Reveals(a, a.from.City, person, day)
	if err != nil {
		return err
	}
	if n >= MaxReveals {
		return ErrRevealsExhausted
	}
	a.rows = append(a.rows, store.CountReveal(a.from.City, person, day, MaxReveals))
	return nil
}

// MayReveal tells whether the caller may look at the filer's phone.
func (v *View) MayReveal() bool { return slices.Contains(v.Actions, string(ticket.VerbReveal)) }

// newLooks makes the counter of looks at phones.
func newLooks() *prometheus.CounterVec {
	looks := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "throughtrain_contact_reveals_total",
		Help: "Looks of officials at filers' phones: shown, or refused because of the daily limit."}, []string{"outcome"})
	for _, outcome := range []string{"shown", "refused"} {
		looks.WithLabelValues(outcome) // so that an alert sees the first
	}
	return looks
}

// Metrics is what an operator watches of the use cases.
func (d *Desk) Metrics() prometheus.Collector { return d.looks }
