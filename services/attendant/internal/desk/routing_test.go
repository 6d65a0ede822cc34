package desk_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	. "github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/kit/clock"
)

func TestBatchSharesLoadsWithinItself(t *testing.T) {
	o := openOffice(t, openStore(t), Code)
	var batch []desk.Happening
	for i := range 6 {
		batch = append(batch, o.happens(i, filed(Water)))
	}
	o.take(batch...)
	// Wang and Li take turns up to two each, then the clerk takes the rest.
	if diff := cmp.Diff([]int{2, 2, 2}, o.load(Wang, Li, Zhao)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{proposed(Person(Li), route.LeastLoaded)}, o.said(1)); diff != "" {
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
		{"taken", []any{dispatched(Wang)}, []int{1, 0}, nil},
		{"refused", []any{refused(Wang)}, []int{0, 0}, []string{returned(Person(Wang))}},
		{"given to another, then refused", []any{dispatched(Zhao), refused(Wang)}, []int{0, 1}, []string{returned(Person(Wang))}},
		{"given to the same by a dispatcher, then refused", []any{dispatched(Wang), refused(Wang)}, []int{1, 0}, nil},
		{"withdrawn", []any{desk.Closed{}, refused(Wang)}, []int{0, 0}, []string{returned(Person(Wang))}},
		{"answered", []any{dispatched(Wang), desk.Answered{}}, []int{0, 0}, nil},
		{"answered and closed", []any{dispatched(Wang), desk.Answered{}, desk.Closed{}}, []int{0, 0}, nil},
		{"another cycle", []any{dispatched(Wang), desk.Answered{}, desk.Reopened{}}, []int{1, 0}, nil},
		{"another holder", []any{dispatched(Wang), dispatched(Zhao)}, []int{0, 1}, nil},
	} {
		for name, together := range map[string]bool{"together": true, "one by one": false} {
			t.Run(c.name+" "+name, func(t *testing.T) {
				o := openOffice(t, openStore(t), Code)
				batch := []desk.Happening{o.happens(ticket, filed(Water))}
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
				if diff := cmp.Diff(c.load, o.load(Wang, Zhao)); diff != "" {
					t.Errorf("loads:\n%s", diff)
				}
				want := append([]string{proposed(Person(Wang), route.LeastLoaded)}, c.said...)
				if diff := cmp.Diff(want, o.said(ticket)); diff != "" {
					t.Errorf("said:\n%s", diff)
				}
			})
		}
	}
}

// A ticket that comes back to its holder may bring them over their cap. That must not stop the feed.
func TestCapIsJudgedInTheOrderOfWhatHappened(t *testing.T) {
	o := openOffice(t, openStore(t), Code)
	o.take(o.happens(1, filed(Power)), o.happens(1, dispatched(Feng)), o.happens(1, desk.Answered{}))
	o.take(o.happens(2, filed(Power)), o.happens(1, desk.Reopened{}), o.happens(3, filed(Power)))
	if diff := cmp.Diff([]int{2, 1}, o.load(Feng, Sun)); diff != "" {
		t.Error(diff)
	}
}

func TestTicketFiledTwiceIsAnsweredOnce(t *testing.T) {
	o := openOffice(t, openStore(t), Code)
	for range 3 {
		o.take(o.happens(1, filed(Water)), o.happens(1, filed(Water)))
	}
	o.take(o.happens(2, filed(Unhandled)))
	o.take(o.happens(2, filed(Unhandled)))
	if len(o.said(1)) != 1 || len(o.said(2)) != 1 || o.load(Wang)[0] != 1 {
		t.Errorf("said %v and %v, load %v", o.said(1), o.said(2), o.load(Wang))
	}
}

func TestUnknownCityStopsTheFeed(t *testing.T) {
	o := openOffice(t, openStore(t), Code)
	h := o.happens(1, filed(Water))
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
	o := openOffice(t, openStore(t), Code)
	o.Desk = desk.New(desk.Deps{Store: o.store, City: o.clock, Wall: clock.System(), News: &news{func() { o.apply(2, 5, Wang) }}})
	early := filed(Water)
	early.ConfigVersion = 2
	o.take(o.happens(1, early))
	if diff := cmp.Diff([]string{proposed(Person(Li), route.LeastLoaded)}, o.said(1)); diff != "" {
		t.Error(diff)
	}
	late := filed(Water)
	late.ConfigVersion = 3
	if _, err := o.Take(t.Context(), []desk.Happening{o.happens(2, late)}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a configuration that does not arrive: %v", err)
	}
}
