package desk_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
)

var everybody = []int{rostertest.Wang, rostertest.Li, rostertest.Zhao, rostertest.Qian, rostertest.Sun, rostertest.Zhou, rostertest.Wu, rostertest.Zheng, rostertest.Feng}

// However the feed is cut into stretches, the same is proposed and the same is carried, and what is carried is what a recount of
// the tickets says.
func TestStretchesOfTheFeedDoNotMatter(t *testing.T) {
	s := openStore(t)
	cities := 0
	rapid.Check(t, func(rt *rapid.T) {
		const tickets = 12
		script := drawScript(rt, tickets)
		run := func(cuts []int) (said [][]string, loads []int) {
			cities++
			o := openOffice(t, s, fmt.Sprintf("%06d", cities))
			var batch []desk.Happening
			for i, h := range script {
				batch = append(batch, o.happens(h.ticket, h.what))
				if slices.Contains(cuts, i) {
					o.take(batch...)
					batch = nil
				}
			}
			o.take(batch...)
			for i := range tickets {
				said = append(said, o.said(i))
			}
			loads = o.load(everybody...)
			if recount := o.recount(tickets); !slices.Equal(loads, recount) {
				rt.Fatalf("carried %v, recounted %v", loads, recount)
			}
			return said, loads
		}
		said, loads := run(nil)
		again, loadsAgain := run(rapid.SliceOfN(rapid.IntRange(0, len(script)), 0, 10).Draw(rt, "cuts"))
		if !slices.Equal(loads, loadsAgain) || fmt.Sprint(said) != fmt.Sprint(again) {
			rt.Fatalf("in one stretch %v and %v\nin several %v and %v", said, loads, again, loadsAgain)
		}
	})
}

// recount counts what each official carries from the tickets.
func (o *office) recount(tickets int) []int {
	var ids []string
	for i := range tickets {
		ids = append(ids, rostertest.Ticket(i))
	}
	stored, err := o.store.Tickets(context.Background(), o.city, ids)
	if err != nil {
		o.t.Fatal(err)
	}
	counted := make([]int, len(everybody))
	for i, n := range everybody {
		for _, ticket := range stored {
			if slices.Contains(ticket.Carriers(), rostertest.Person(n)) {
				counted[i]++
			}
		}
	}
	return counted
}

type line struct {
	ticket int
	what   any
}

// drawScript makes a feed that the hotline could have written, and now and then one that it could not.
func drawScript(t *rapid.T, tickets int) []line {
	var script []line
	for range rapid.IntRange(1, 60).Draw(t, "length") {
		l := line{ticket: rapid.IntRange(0, tickets-1).Draw(t, "ticket")}
		official := desk.Dispatched{Official: rostertest.Person(rapid.SampledFrom(everybody).Draw(t, "official"))}
		switch rapid.IntRange(0, 7).Draw(t, "what") {
		case 0, 1, 2:
			l.what = desk.Filed{ConfigVersion: 1, Filing: route.Filing{Category: rapid.SampledFrom([]string{rostertest.Water, rostertest.Supply, rostertest.Power, rostertest.Unhandled}).Draw(t, "category")}}
		case 3:
			l.what = official
		case 4:
			l.what = desk.Refused{Official: official.Official, Proposal: rapid.Int64Range(0, 50).Draw(t, "proposal")}
		case 5:
			l.what = desk.Answered{}
		case 6:
			l.what = desk.Closed{}
		case 7:
			l.what = desk.Reopened{}
		}
		script = append(script, l)
	}
	return script
}
