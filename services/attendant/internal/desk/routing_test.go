package desk_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/kit/clock"
)

func TestBatchSharesLoadsWithinItself(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	var batch []desk.Happening
	for i := range 6 {
		batch = append(batch, o.happens(i, filed(rostertest.Water)))
	}
	o.take(batch...)
	// Wang and Li take turns up to two each, then the clerk takes the rest.
	if diff := cmp.Diff([]int{2, 2, 2}, o.load(rostertest.Wang, rostertest.Li, rostertest.Zhao)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{proposed(rostertest.Person(rostertest.Li), route.LeastLoaded)}, o.said(1)); diff != "" {
		t.Error(diff)
	}
}

func TestClaimsAndLoads(t *testing.T) {
	const ticket = 1
	for _, c := range []struct {
		name string
		then []any
		load []int // of Wang, who is proposed, and of Zhao
		said []string
	}{
		{"proposed", nil, []int{1, 0}, nil},
		{"taken", []any{dispatched(rostertest.Wang)}, []int{1, 0}, nil},
		{"refused", []any{refused(rostertest.Wang)}, []int{0, 0}, []string{returned(rostertest.Person(rostertest.Wang))}},
		{"given to another, then refused", []any{dispatched(rostertest.Zhao), refused(rostertest.Wang)}, []int{0, 1}, []string{returned(rostertest.Person(rostertest.Wang))}},
		{"given to the same by a dispatcher, then refused", []any{dispatched(rostertest.Wang), refused(rostertest.Wang)}, []int{1, 0}, nil},
		{"withdrawn", []any{desk.Closed{}, refused(rostertest.Wang)}, []int{0, 0}, []string{returned(rostertest.Person(rostertest.Wang))}},
		{"answered", []any{dispatched(rostertest.Wang), desk.Answered{}}, []int{0, 0}, nil},
		{"answered and closed", []any{dispatched(rostertest.Wang), desk.Answered{}, desk.Closed{}}, []int{0, 0}, nil},
		{"another cycle", []any{dispatched(rostertest.Wang), desk.Answered{}, desk.Reopened{}}, []int{1, 0}, nil},
		{"another holder", []any{dispatched(rostertest.Wang), dispatched(rostertest.Zhao)}, []int{0, 1}, nil},
	} {
		for name, together := range map[string]bool{"together": true, "one by one": false} {
			t.Run(c.name+" "+name, func(t *testing.T) {
				o := openOffice(t, openStore(t), rostertest.Code)
				batch := []desk.Happening{o.happens(ticket, filed(rostertest.Water))}
				for _, what := range c.then {
					batch = append(batch, o.happens(ticket, what))
				}
				if together {
					o.take(batch...)
				} else {
					for _, h := range batch {
						o.take(h)
					}
				}
				if diff := cmp.Diff(c.load, o.load(rostertest.Wang, rostertest.Zhao)); diff != "" {
					t.Errorf("loads:\n%s", diff)
				}
				want := append([]string{proposed(rostertest.Person(rostertest.Wang), route.LeastLoaded)}, c.said...)
				if diff := cmp.Diff(want, o.said(ticket)); diff != "" {
					t.Errorf("said:\n%s", diff)
				}
			})
		}
	}
}

// A ticket that comes back to its holder may bring them over their cap. That must not stop the feed.
func TestCapIsJudgedInTheOrderOfWhatHappened(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	o.take(o.happens(1, filed(rostertest.Power)), o.happens(1, dispatched(rostertest.Feng)), o.happens(1, desk.Answered{}))
	o.take(o.happens(2, filed(rostertest.Power)), o.happens(1, desk.Reopened{}), o.happens(3, filed(rostertest.Power)))
	if diff := cmp.Diff([]int{2, 1}, o.load(rostertest.Feng, rostertest.Sun)); diff != "" {
		t.Error(diff)
	}
}

func TestTicketFiledTwiceIsAnsweredOnce(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	for range 3 {
		o.take(o.happens(1, filed(rostertest.Water)), o.happens(1, filed(rostertest.Water)))
	}
	o.take(o.happens(2, filed(rostertest.Unhandled)))
	o.take(o.happens(2, filed(rostertest.Unhandled)))
	if len(o.said(1)) != 1 || len(o.said(2)) != 1 || o.load(rostertest.Wang)[0] != 1 {
		t.Errorf("said %v and %v, load %v", o.said(1), o.said(2), o.load(rostertest.Wang))
	}
}

func TestUnknownCityStopsTheFeed(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	h := o.happens(1, filed(rostertest.Water))
	h.City = "410500"
	if _, err := o.Take(t.Context(), []desk.Happening{h}); !errors.Is(err, desk.ErrCity) {
		t.Errorf("a filing of an unknown city: %v", err)
	}
}

// news is the directory's feed as the desk sees it.
type news struct{ arrive func() }

func (n *news) Position() int64 { return 0 }

func (n *news) Await(ctx context.Context, _ int64) error {
	if n.arrive == nil {
		return context.DeadlineExceeded
	}
	n.arrive()
	n.arrive = nil
	return ctx.Err()
}

func TestFilingWaitsForItsConfiguration(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	o.Desk = desk.New(desk.Deps{Store: o.store, City: o.clock, Wall: clock.System(), News: &news{func() { o.apply(2, 5, rostertest.Wang) }}})
	early := filed(rostertest.Water)
	early.ConfigVersion = 2
	o.take(o.happens(1, early))
	if diff := cmp.Diff([]string{proposed(rostertest.Person(rostertest.Li), route.LeastLoaded)}, o.said(1)); diff != "" {
		t.Error(diff)
	}
	late := filed(rostertest.Water)
	late.ConfigVersion = 3
	if _, err := o.Take(t.Context(), []desk.Happening{o.happens(2, late)}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a configuration that does not arrive: %v", err)
	}
}
