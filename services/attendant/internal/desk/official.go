package desk

import (
	"context"
	"fmt"
	"time"

	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

const (
	// settling is how long after a dismissal became known somebody's work is looked for: by then everything that was decided
	// without knowing of it is committed, or never will be.
	settling = change.MaxAge
	// patienceWithDesk is how long work of somebody who is gone rests after even the desk's queue, or the centre's choice, was refused.
	patienceWithDesk = 10 * time.Minute
)

// settleOfficial hands over what must not stay: the open work of somebody who is gone, and that of somebody whose leave begins and
// who asked for it. It goes on by itself until nothing is left that can go.
func (d *Desk) settleOfficial(ctx context.Context, city, person string) error {
	aggregate := store.OfficialAggregate(person)
	portion := portions()
	return d.Store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		r, err := d.roster(ctx, city)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", aggregate, err)
		}
		gone, err := d.dismissed(ctx, city, []string{person})
		if err != nil {
			return nil, err
		}
		situation := &route.Situation{Now: d.City.Now(), City: r.city}
		if situation.Presence, err = d.Store.Presences(ctx, city); err != nil {
			return nil, err
		}
		due, most := change.Due{City: city, Aggregate: aggregate}, portion()
		leaves, later := situation.Presence[person].HandsOver(situation.Now)
		switch {
		case gone[person]:
			return d.succeed(ctx, situation, due, route.Succession{From: person, Way: route.Anew}, route.ByDismissal, most)
		case leaves:
			return d.succeed(ctx, situation, due, route.Succession{From: person, Way: route.ToDeputy}, route.ByLeave, most)
		default:
			due.At = later
			return &change.Change{Due: []change.Due{due}}, nil
		}
	})
}

// succeed hands over as much as one decision takes, and sets the deadline for the rest.
func (d *Desk) succeed(ctx context.Context, situation *route.Situation, due change.Due, g route.Succession, reason string, most int) (*change.Change, error) {
	s := &succession{Handover: Handover{Handover: store.Handover{City: due.City, From: g.From, Way: g.Way, Reason: reason, Time: situation.Now}},
		now: situation.Now}
	if err := d.openWork(ctx, s, store.About{}, HandOver{}, most); err != nil {
		return nil, err
	}
	around := wanted{vacancies: s.vacancies()}
	for _, t := range s.work {
		around.filings = append(around.filings, t.Filing)
	}
	if err := d.survey(ctx, situation, around); err != nil {
		return nil, err
	}
	s.place(situation, g)
	c := &change.Change{Due: []change.Due{due}}
	if s.Left > 0 && len(s.Proposals) > 0 || s.CasesLeft > 0 && len(s.CaseProposals) > 0 {
		c.Due[0].At = s.now
	}
	if reason == route.ByLeave && c.Due[0].At.IsZero() {
		said, err := d.Store.Presence(ctx, due.City, g.From)
		if err != nil {
			return nil, err
		}
		done := said.Presence
		done.HandOver = false
		if err := store.SavePresence(c, said, done, s.now, clockwork); err != nil {
			return nil, err
		}
	}
	if reason == route.ByDismissal {
		if err := d.callOff(ctx, c, due.City, g.From, s.now); err != nil {
			return nil, err
		}
	}
	if len(s.Proposals)+len(s.CaseProposals) == 0 {
		return c, nil
	}
	s.ID = d.ids.New()
	return c, s.propose(c, clockwork)
}

// callOff cancels the planned visits of somebody who is gone, so that they keep nobody else from visiting.
func (d *Desk) callOff(ctx context.Context, c *change.Change, city, person string, now time.Time) error {
	planned, err := d.Store.PlannedVisits(ctx, city, person)
	if err != nil {
		return err
	}
	for _, v := range planned {
		off, err := v.Cancel()
		if err != nil {
			return err
		}
		if err := store.EndVisit(c, v, off, nil, now, clockwork); err != nil {
			return err
		}
	}
	return nil
}
