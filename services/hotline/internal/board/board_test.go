package board_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/board"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// engines are the databases every test here runs on.
var engines = map[string]func(t *testing.T) string{
	"sqlite":   func(*testing.T) string { return "sqlite::memory:" },
	"postgres": func(t *testing.T) string { return kittest.Postgres(t) },
}

// stage is a desk with a board that follows it.
type stage struct {
	*desktest.World
	board *board.Board
	refs  []desk.Ref
	rnd   *rand.Rand
	// detours says that half of what happens is not on the straight way; did counts what of it the state allowed.
	detours bool
	did     int
	about   string // one of those whom tickets may be about
}

func newStage(t *testing.T, dsn string, seed uint64) *stage {
	t.Helper()
	s := &stage{World: desktest.New(t, dsn), rnd: rand.New(rand.NewPCG(seed, 1)), about: policytest.Clerk}
	var err error
	if s.board, err = board.New(t.Context(), s.Store, feed.Config{Wait: time.Second, Batch: 7}); err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.board.Run(running) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

// act does something at random to a ticket at random. What the state forbids is part of the storm.
func (s *stage) act(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	if s.detours {
		switch {
		case len(s.refs) == 0 || s.rnd.IntN(25) == 0:
			s.file(t)
			return
		case s.rnd.IntN(2) == 0:
			s.stray(t)
			return
		}
	}
	if len(s.refs) == 0 || !s.detours && s.rnd.IntN(5) == 0 {
		in := desktest.Filing()
		in.Category = []string{"", "0702", "07"}[s.rnd.IntN(3)]
		in.Confidential = s.rnd.IntN(6) == 0
		if named := []string{policytest.MayorOffice, policytest.HousingLeader, "", "", "", ""}[s.rnd.IntN(6)]; named != "" {
			in.ConflictOfficials = []string{policytest.Name + "/persons/" + named}
		}
		view, err := s.Desk.File(ctx, desktest.Caller(desktest.Filer), desk.Call{Method: "CreateTicket"}, in)
		if err != nil {
			t.Fatal(err)
		}
		s.refs = append(s.refs, desktest.Ref(view.Ticket.ID))
		return
	}
	ref := s.pick()
	filer, dispatcher := desktest.Caller(desktest.Filer), desktest.Caller(policytest.Dispatcher)
	official := []string{policytest.Attendant, policytest.Clerk}[s.rnd.IntN(2)]
	holder := desktest.Caller(official)
	if s.detours {
		holder = s.holder(t, ref)
	}
	var call desk.Call
	var err error
	switch s.rnd.IntN(12) {
	case 0, 1:
		_, err = s.Dispatch(ctx, dispatcher, call, ref, official)
	case 2, 3:
		_, err = s.Sign(ctx, holder, call, ref)
	case 4:
		_, err = s.Contact(ctx, holder, call, ref, "phone", "")
	case 5:
		_, err = s.Ask(ctx, holder, call, ref, "请补充受理号。")
	case 6:
		_, err = s.Reply(ctx, filer, call, ref, "已补充。")
	case 7, 8:
		text := fmt.Sprint("已经办结，结果通知书第", s.rnd.Int(), "号今日送达，请查收。")
		if s.rnd.IntN(4) == 0 {
			text = "已办结。"
		}
		_, err = s.Answer(ctx, holder, call, ref, ticket.Solved, text)
	case 9:
		_, err = s.Verify(ctx, filer, call, ref, desk.Verdict{Contacted: s.rnd.IntN(4) > 0, Solved: s.rnd.IntN(3) > 0, Satisfied: ticket.Satisfaction(1 + s.rnd.IntN(3))})
	case 10:
		_, err = s.Reopen(ctx, filer, call, ref, "问题又出现了。")
	case 11:
		if s.rnd.IntN(4) == 0 {
			_, err = s.Withdraw(ctx, filer, call, ref, "不需要了。")
		} else {
			err = s.Settle(ctx, ref.City, "tickets/"+ref.ID)
		}
	}
	var f *fault.Error
	if err != nil && !errors.As(err, &f) {
		t.Fatal(err)
	}
	if s.detours {
		s.happened(err)
		return
	}
	s.Pass(time.Duration(s.rnd.IntN(6*60)) * time.Minute)
}

// happened lets time pass after what the state allowed, so that a storm of refusals makes nothing overdue.
func (s *stage) happened(err error) {
	if err == nil {
		s.did++
		s.Pass(time.Duration(s.rnd.IntN(120)) * time.Minute)
	}
}

// pick takes a ticket at random; with detours mostly one of the last, so that they get somewhere.
func (s *stage) pick() desk.Ref {
	n := len(s.refs)
	if recent := 12; s.detours && n > recent && s.rnd.IntN(5) > 0 {
		return s.refs[n-1-s.rnd.IntN(recent)]
	}
	return s.refs[s.rnd.IntN(n)]
}

// folded waits until the board has everything.
func (s *stage) folded(t *testing.T) {
	t.Helper()
	if err := s.board.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (s *stage) equal(t *testing.T) {
	t.Helper()
	got, err := s.board.Check(t.Context(), policytest.Code)
	if err != nil || len(got.Differences) > 0 || got.Cells == 0 {
		t.Fatalf("%d cells, %v, differences %q", got.Cells, err, got.Differences)
	}
}

// officer is somebody of the mayor's office whom nothing is about.
const officer = "01900000-0000-7000-8000-0000000000f1"

func callerOf(person string) authn.Caller {
	c := desktest.Caller(person)
	if person == officer {
		c.Unit, c.Roles = policytest.Office, []authn.Grant{{Role: optionsv1.Role_ROLE_MAYOR_OFFICE}}
	}
	return c
}

func (s *stage) read(t *testing.T, person string) board.View {
	t.Helper()
	city := policytest.City(t)
	period := board.Period{From: 20260302, To: 20261231}
	v, err := s.board.Read(t.Context(), city, desk.ViewerOf(callerOf(person), city), period, board.Want{}, s.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// lists compares every number a person sees with the list behind it, as that person lists.
func (s *stage) lists(t *testing.T, person string) (numbers int) {
	t.Helper()
	v := s.read(t, person)
	for _, section := range v.Sections() {
		for _, g := range section.Groups {
			for _, n := range g.Numbers() {
				if n.N == 0 && s.rnd.IntN(8) > 0 { // nothing is asked for often enough
					continue
				}
				listed := s.behind(t, person, n.Count)
				if listed != n.N {
					t.Errorf("%s, %s %q, %s: the board says %d, the list has %d: %s", person, section.Name, g.Key, n.Name, n.N, listed, n.Filter)
				}
				if n.N > 0 {
					numbers++
				}
			}
		}
	}
	return numbers
}

// behind counts the list behind a number, as a person lists it.
func (s *stage) behind(t *testing.T, person string, c board.Count) int64 {
	t.Helper()
	caller, query := callerOf(person), desk.ListQuery{City: policytest.Code, Filter: c.Filter, PageSize: 1}
	var total int
	var err error
	switch c.List {
	case board.WorkOrders:
		var list desk.OrderList
		list, err = s.ListOrders(t.Context(), caller, query)
		total = list.Total
	case board.Returns:
		var list desk.ReturnList
		list, err = s.ListReturns(t.Context(), caller, query)
		total = list.Total
	default:
		var list desk.List
		list, err = s.List(t.Context(), caller, query)
		total = list.Total
	}
	if err != nil {
		t.Fatalf("%s: %v", c.Filter, err)
	}
	return int64(total)
}

// After a storm of acts, every cell equals a recount and every number lists exactly its tickets, for everybody.
func TestEveryNumberListsItsTickets(t *testing.T) {
	for name, dsn := range engines {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, dsn(t), 7)
			for range storm(400) {
				s.act(t)
			}
			s.folded(t)
			s.equal(t)
			filed := map[string]int64{}
			for _, person := range []string{policytest.MayorOffice, policytest.HousingLeader, policytest.DeskLeader, policytest.Attendant, officer} {
				if n := s.lists(t, person); n < 5 {
					t.Errorf("%s sees %d numbers that are not zero; the storm was too mild", person, n)
				}
				filed[person] = s.read(t, person).Total.Filed.N
			}
			if all, named, plain := filed[officer], filed[policytest.MayorOffice], filed[policytest.DeskLeader]; all != int64(len(s.refs)) || named >= all || plain >= named {
				t.Errorf("of %d tickets the office counts %d, who is named %d, the desk %d", len(s.refs), all, named, plain)
			}
		})
	}
}

// A rebuild in the middle of a storm loses nothing and leaves nothing behind.
func TestRebuildBesideTheStorm(t *testing.T) {
	for name, dsn := range engines {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, dsn(t), 11)
			for range storm(150) {
				s.act(t)
			}
			rebuilt := make(chan error, 1)
			go func() {
				_, err := s.board.Rebuild(t.Context(), policytest.Code)
				rebuilt <- err
			}()
			for range storm(100) {
				s.act(t)
			}
			if err := <-rebuilt; err != nil {
				t.Fatal(err)
			}
			s.folded(t)
			s.equal(t)
			for range 50 {
				s.act(t)
			}
			s.folded(t)
			s.equal(t)
			var generations int
			if err := s.Store.DB().QueryRow(t.Context(), `SELECT count(DISTINCT generation) FROM board_cells`).Scan(&generations); err != nil || generations != 1 {
				t.Errorf("%d generations are left, %v", generations, err)
			}
		})
	}
}

// A number that was tampered with is found.
func TestCheckFindsADifference(t *testing.T) {
	s := newStage(t, "sqlite::memory:", 3)
	for range 30 {
		s.act(t)
	}
	s.folded(t)
	err := s.Store.Commit(t.Context(), &change.Change{Statements: []change.Statement{
		change.Guard(`UPDATE board_cells SET n = n + 1 WHERE measure = 'filed' AND dimension = 'city'`)}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.board.Check(t.Context(), policytest.Code)
	if err != nil || len(got.Differences) == 0 {
		t.Errorf("%v, %q", err, got.Differences)
	}
	if _, err := s.board.Rebuild(t.Context(), policytest.Code); err != nil {
		t.Fatal(err)
	}
	s.equal(t)
}

// A sweeper that is off makes nobody look good: what is overdue is counted from the due time, not from marks.
func TestOverdueNeedsNoSweeper(t *testing.T) {
	s := newStage(t, "sqlite::memory:", 5)
	s.File(t)
	s.Pass(10 * 24 * time.Hour)
	s.folded(t)
	v := s.read(t, policytest.MayorOffice)
	var overdue int64
	for _, c := range v.Total.Clocks {
		overdue += c.Overdue.N
	}
	if overdue == 0 {
		t.Error("nothing is overdue after ten days without an act or a sweeper")
	}
	s.lists(t, policytest.MayorOffice)
}

// Breached, answered, reopened, met: one breach and one met answer.
func TestAReopenForgetsNoBreach(t *testing.T) {
	s := newStage(t, "sqlite::memory:", 5)
	ctx, filer, holder := t.Context(), desktest.Caller(desktest.Filer), desktest.Caller(policytest.Attendant)
	ref := s.File(t)
	must := func(_ desk.View, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var call desk.Call
	must(s.Dispatch(ctx, desktest.Caller(policytest.Dispatcher), call, ref, policytest.Attendant))
	must(s.Sign(ctx, holder, call, ref))
	s.Pass(60 * 24 * time.Hour)
	must(s.Answer(ctx, holder, call, ref, ticket.Solved, "已经办理完毕，请查收结果通知书。"))
	must(s.Verify(ctx, filer, call, ref, desk.Verdict{Contacted: true, Solved: false, Satisfied: ticket.Dissatisfied}))
	must(s.Answer(ctx, holder, call, ref, ticket.Solved, "重新办理完毕，结果通知书今日送达。"))
	s.folded(t)
	for _, c := range s.read(t, policytest.MayorOffice).Total.Clocks {
		if c.Kind == ticket.KindAnswer && (c.Breached.N != 1 || c.Met.N != 1) {
			t.Errorf("breached %d, met %d", c.Breached.N, c.Met.N)
		}
	}
	s.lists(t, policytest.MayorOffice)
}

// Reading costs what the division of the city costs, not what its tickets cost: as many statements for many tickets as for few.
func TestReadingCostsTheSameForMany(t *testing.T) {
	s := newStage(t, "sqlite::memory:", 9)
	cost := func() int64 {
		s.folded(t)
		least := int64(1 << 62)
		for range 20 { // what goes on beside the reading is counted too, and only ever adds
			before := s.Store.DB().Counts().Statements
			s.read(t, policytest.MayorOffice)
			least = min(least, s.Store.DB().Counts().Statements-before)
		}
		return least
	}
	s.File(t)
	few := cost()
	for range 100 {
		s.File(t)
	}
	if many := cost(); many != few {
		t.Errorf("%d statements for one ticket, %d for 101", few, many)
	}
}

// storm is how many acts a storm has.
func storm(acts int) int {
	if kittest.Race {
		return acts / 3
	}
	return acts
}
