package board_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/throughtrain/throughtrain/services/agency/internal/board"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// After a storm of acts every cell equals a recount and every number lists exactly what it counts, for everybody.
func TestEveryNumberListsWhatItCounts(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		s := newStage(t, dsn, 7)
		seen := map[string]bool{}
		for round := range 4 {
			for range storm(350) {
				s.act(t)
			}
			s.folded(t)
			s.equal(t)
			for who := range viewers {
				if who != office && round < 3 {
					continue
				}
				for name := range s.lists(t, who) {
					seen[name] = true
				}
			}
			s.clock.Advance(time.Duration(s.rnd.IntN(60)) * time.Hour)
		}
		if few := 30; len(seen) < few && !kittest.Race {
			t.Errorf("only %d numbers were ever more than nothing; the storm was too mild: %v", len(seen), seen)
		}
	})
}

// A rebuild in the middle of a storm makes what the fold makes, and the same numbers for everybody.
func TestARebuildMakesWhatTheFoldMade(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		s := newStage(t, dsn, 11)
		for range storm(200) {
			s.act(t)
		}
		rebuilt := make(chan error, 1)
		go func() {
			_, err := s.board.Rebuild(t.Context(), ct.Code)
			rebuilt <- err
		}()
		for range storm(150) {
			s.act(t)
		}
		if err := <-rebuilt; err != nil {
			t.Fatal(err)
		}
		s.folded(t)
		s.equal(t)
		before := map[string]board.View{}
		for who, v := range viewers {
			before[who] = s.view(t, v)
		}
		if done, err := s.board.Rebuild(t.Context(), ct.Code); err != nil || done.Things != int64(len(s.keys)) || done.Cells == 0 {
			t.Fatalf("%+v, %v", done, err)
		}
		s.equal(t)
		for who, v := range viewers {
			if diff := cmp.Diff(before[who], s.view(t, v)); diff != "" {
				t.Errorf("%s: %s", who, diff)
			}
		}
	})
}

// shop is a small project of Hualong whose filing is approved.
func (s *stage) shop(t *testing.T) store.Key {
	t.Helper()
	in, _ := s.opening()
	in.Eligibility, in.Arranged, in.OpenerUnit, in.Answers, in.Counties = 1, "", "", ct.Shop(), []string{ct.HualongCode}
	key := s.open(t, in, owner)
	s.must(t, key, owner, arrives("form", casefile.PurposeMaterial, ct.Form))
	s.handIn(t, key, ct.Filing)
	s.must(t, key, clerk(ct.Hualong), func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.Approve(ctx, ct.Filing, "")
	})
	return key
}

// handIn hands an item in and has it accepted.
func (s *stage) handIn(t *testing.T, key store.Key, item string) {
	t.Helper()
	s.must(t, key, owner, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.Submit(ctx, item, false)
	})
	unit := s.read(t, key).Case.Item(item).Unit
	s.must(t, key, clerk(unit), func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.Accept(ctx, item, "notice")
	})
}

// tolerated has the site permit accepted while two of its materials are missing.
func (s *stage) tolerated(t *testing.T, key store.Key) {
	t.Helper()
	for _, m := range []string{ct.Drawings, ct.LandPaper} {
		s.must(t, key, owner, arrives(m, casefile.PurposeMaterial, m))
	}
	s.must(t, key, owner, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return signs(c, ctx, ct.SitePermit)
	})
	s.handIn(t, key, ct.SitePermit)
}

// whole has the site permit accepted with everything it asks for.
func (s *stage) whole(t *testing.T, key store.Key) {
	t.Helper()
	for _, m := range []string{ct.Drawings, ct.LandPaper, ct.Survey, ct.Contract} {
		s.must(t, key, owner, arrives(m, casefile.PurposeMaterial, m))
	}
	s.handIn(t, key, ct.SitePermit)
}

func (s *stage) totalOf(t *testing.T, who string) board.Group {
	t.Helper()
	s.folded(t)
	return s.view(t, viewers[who]).Total
}

// A sweeper that is off makes nobody look good: what is overdue or stuck is counted from its instant, not from marks.
func TestNothingImprovesWithoutASweeper(t *testing.T) {
	s := newStage(t, "sqlite::memory:", 5)
	first, second := s.shop(t), s.shop(t)
	s.tolerated(t, first)
	s.whole(t, second)
	calm := s.totalOf(t, office)
	s.clock.Advance(60 * 24 * time.Hour)
	late := s.totalOf(t, office)
	for name, c := range map[string]struct{ calm, late, want int64 }{
		"promised":   {calm.Items.Promised.Overdue.N, late.Items.Promised.Overdue.N, 2},
		"statutory":  {calm.Items.Statutory.Overdue.N, late.Items.Statutory.Overdue.N, 2},
		"stuck":      {calm.Items.Stuck.N, late.Items.Stuck.N, 2},
		"tolerances": {calm.Tolerances.Overdue.N, late.Tolerances.Overdue.N, 1},
	} {
		if c.calm != 0 || c.late != c.want {
			t.Errorf("%s: %d at first, %d after sixty days without an act or a sweeper, want %d", name, c.calm, c.late, c.want)
		}
	}
	if late.Items.CriticalLate.N == 0 || late.Tolerances.Broken.N != 0 {
		t.Errorf("critical and late %d, broken %d", late.Items.CriticalLate.N, late.Tolerances.Broken.N)
	}
	s.lists(t, office)

	// Once somebody sweeps, what is overdue stays so until it is done, and the tolerance that was overdue is broken: its item is taken for withdrawn.
	for _, key := range s.keys {
		s.must(t, key, casefile.Clockwork, (*casefile.Case).Settle)
	}
	swept := s.totalOf(t, office)
	if swept.Items.Promised.Overdue.N != 1 || swept.Tolerances.Overdue.N != 0 || swept.Tolerances.Broken.N != 1 || swept.Tolerances.Outstanding.N != 0 {
		t.Errorf("after sweeping: overdue %d, of tolerances %d, broken %d, outstanding %d", swept.Items.Promised.Overdue.N, swept.Tolerances.Overdue.N,
			swept.Tolerances.Broken.N, swept.Tolerances.Outstanding.N)
	}
	s.lists(t, office)
	s.equal(t)
}

// What is due moves from tomorrow to today to overdue by itself, and lists follow to the second.
func TestDaysChange(t *testing.T) {
	s := newStage(t, "sqlite::memory:", 5)
	s.clock.Set(ct.At("2026-03-02 09:00")) // a Monday
	key := s.shop(t)
	s.tolerated(t, key)
	s.folded(t)
	facts := s.read(t, key).Case
	due := facts.Clock(facts.Item(ct.SitePermit), casefile.KindPromised).Due
	promised := due.In(ct.Zone).Format("2006-01-02")
	dayBefore := due.AddDate(0, 0, -1).In(ct.Zone).Format("2006-01-02")
	for _, c := range []struct {
		at                       string
		overdue, today, tomorrow int64
	}{
		{dayBefore + " 00:00:00", 0, 0, 1},
		{dayBefore + " 23:59:59", 0, 0, 1},
		{promised + " 00:00:00", 0, 1, 0},
		{promised + " 00:00:01", 0, 1, 0},
		{promised + " 18:00:00", 0, 1, 0},
		{promised + " 18:00:01", 1, 0, 0},
		{promised + " 23:59:59", 1, 0, 0},
	} {
		s.clock.Set(ct.At(c.at))
		d := s.totalOf(t, office).Items.Promised
		if d.Overdue.N != c.overdue || d.DueToday.N != c.today || d.DueTomorrow.N != c.tomorrow {
			t.Errorf("%s: overdue %d, today %d, tomorrow %d", c.at, d.Overdue.N, d.DueToday.N, d.DueTomorrow.N)
		}
		s.lists(t, office)
		s.lists(t, "a clerk of planning")
	}
}

// A week ends with its Sunday.
func TestWeeksEnd(t *testing.T) {
	s := newStage(t, "sqlite::memory:", 5)
	key := s.shop(t)
	s.tolerated(t, key)
	s.folded(t)
	facts := s.read(t, key).Case
	due := facts.Clocks[len(facts.Clocks)-1].Due
	for i := range facts.Clocks {
		if facts.Clocks[i].Kind == casefile.KindCommitment {
			due = facts.Clocks[i].Due
		}
	}
	monday := due.In(ct.Zone)
	for monday.Weekday() != time.Monday {
		monday = monday.AddDate(0, 0, -1)
	}
	monday = time.Date(monday.Year(), monday.Month(), monday.Day(), 0, 0, 0, 0, ct.Zone)
	for _, c := range []struct {
		at            time.Time
		week, overdue int64
	}{
		{monday.Add(-time.Second), 0, 0}, {monday, 1, 0}, {due, 1, 0}, {due.Add(time.Second), 0, 1}, {monday.AddDate(0, 0, 7).Add(-time.Second), 0, 1},
	} {
		s.clock.Set(c.at)
		k := s.totalOf(t, office).Tolerances
		if k.DueThisWeek.N != c.week || k.Overdue.N != c.overdue || k.Outstanding.N != 1 {
			t.Errorf("%s: this week %d, overdue %d, outstanding %d", c.at.In(ct.Zone), k.DueThisWeek.N, k.Overdue.N, k.Outstanding.N)
		}
		s.lists(t, office)
	}
}

// Who hears of a configuration after it came into force counts on by the old one until something happens to the case: the board as the lists.
func TestAVersionIsHeardOfLate(t *testing.T) {
	s := newStage(t, "sqlite::memory:", 5)
	key := s.shop(t)
	s.clock.Set(ct.At("2026-03-03 10:00"))
	s.whole(t, key)
	s.folded(t)
	s.city.Store(ct.Next(t, s.city.Load(), ct.AppliedAt(ct.At("2026-03-03 00:00")), slower))
	s.equal(t)
	s.clock.Set(ct.At("2026-03-12 10:00")) // six workdays later: stuck by the old, and not by the new
	if n := s.totalOf(t, office).Items.Stuck.N; n != 1 {
		t.Errorf("%d stuck by the version they were counted by", n)
	}
	s.lists(t, office)
	if _, err := s.board.Rebuild(t.Context(), ct.Code); err != nil {
		t.Fatal(err)
	}
	s.equal(t)
	s.lists(t, office)
	s.must(t, key, owner, arrives("another survey", casefile.PurposeMaterial, ct.Survey))
	if n := s.totalOf(t, office).Items.Stuck.N; n != 0 {
		t.Errorf("%d stuck by the new version", n)
	}
	s.lists(t, office)
	s.equal(t)
}

// What a project does not need any more keeps counting for the city, which lists it, and not for its unit, which does not.
func TestWhatIsGoneStaysTheCitys(t *testing.T) {
	s := newStage(t, "sqlite::memory:", 5)
	in, _ := s.opening()
	in.Eligibility, in.Arranged, in.OpenerUnit, in.Answers, in.Counties = 1, "", "", ct.Plant(), []string{ct.HualongCode}
	key := s.open(t, in, owner)
	for _, m := range []string{ct.Form, ct.Report} {
		s.must(t, key, owner, arrives(m, casefile.PurposeMaterial, m))
	}
	s.handIn(t, key, ct.Filing)
	s.must(t, key, clerk(ct.Hualong), func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.Approve(ctx, ct.Filing, "")
	})
	s.handIn(t, key, ct.EcologyRule)
	s.must(t, key, clerk(ct.Ecology), func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.Refuse(ctx, ct.EcologyRule, "reason", "remedy")
	})
	const ecology = "a clerk with an enterprise"
	if city, unit := s.totalOf(t, office), s.totalOf(t, ecology); city.Items.Decided.N != 2 || unit.Items.Decided.N != 1 {
		t.Errorf("decided: %d of the city, %d of the unit", city.Items.Decided.N, unit.Items.Decided.N)
	}
	s.must(t, key, owner, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.UpdateAnswers(ctx, ct.Shop())
	})
	if state := s.read(t, key).Case.Item(ct.EcologyRule).State; state != casefile.Dropped {
		t.Fatal(state)
	}
	if city, unit := s.totalOf(t, office), s.totalOf(t, ecology); city.Items.Decided.N != 2 || unit.Items.Decided.N != 0 {
		t.Errorf("decided, one of them gone: %d of the city, %d of the unit", city.Items.Decided.N, unit.Items.Decided.N)
	}
	s.lists(t, office)
	s.lists(t, ecology)
	s.equal(t)
}

// The numbers of one small case, by hand.
func TestASmallCaseByHand(t *testing.T) {
	s := newStage(t, "sqlite::memory:", 5)
	s.clock.Set(ct.At("2026-03-02 09:00"))
	in, _ := s.opening()
	in.Eligibility, in.Arranged, in.OpenerUnit, in.Answers, in.Counties = 1, "", "", ct.Shop(), []string{ct.HualongCode}
	key := s.open(t, in, owner)
	s.must(t, key, owner, arrives("form", casefile.PurposeMaterial, ct.Form))
	s.must(t, key, owner, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.Submit(ctx, ct.Filing, false)
	})
	s.clock.Set(ct.At("2026-03-10 09:00")) // five workdays to accept are over: it is deemed accepted, from the day it was received
	s.must(t, key, casefile.Clockwork, (*casefile.Case).Settle)
	s.must(t, key, clerk(ct.Hualong), func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.Approve(ctx, ct.Filing, "")
	})
	s.must(t, key, casefile.Clockwork, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.LinkTicket(ctx, casefile.Ticket{ID: "ticket", Reason: casefile.TroubleOther})
	})
	s.folded(t)
	v := s.view(t, viewers[office])
	got := v.Total
	filing := s.read(t, key).Case.Item(ct.Filing)
	if got.Items.Decided.N != 1 || got.Items.P50Workdays != int64(filing.Workdays) || filing.Workdays != 6 || got.Items.P50Promised != int64(filing.Def.Promised) {
		t.Errorf("decided %d, median %d of promised %d; it took %d", got.Items.Decided.N, got.Items.P50Workdays, got.Items.P50Promised, filing.Workdays)
	}
	if got.Items.InTime.N != 0 || got.Items.Deemed.N != 1 || got.Items.Corrections.N != 0 {
		t.Errorf("in time %d, deemed %d, corrections %d", got.Items.InTime.N, got.Items.Deemed.N, got.Items.Corrections.N)
	}
	if c := got.Cases; c.Open.N != 1 || c.Opened.N != 1 || c.Raised.N != 1 || c.TicketOpen.N != 1 || c.Applied.N+c.Completed.N+c.Declined.N+c.Closed.N != 0 || c.Saved != 0 {
		t.Errorf("cases: %+v", c)
	}
	plan := s.read(t, key).Case.Plan(s.city.Load(), s.read(t, key).Case.UpdateTime)
	if got.Cases.Planned != int64(plan.Saved) || plan.Saved == 0 {
		t.Errorf("the plan saves %d, the board says %d", plan.Saved, got.Cases.Planned)
	}
	keys := func(groups []board.Group) (out []string) {
		for _, g := range groups {
			out = append(out, g.Key)
		}
		return out
	}
	if diff := cmp.Diff([]string{ct.HualongCode}, keys(v.Counties)); diff != "" {
		t.Errorf("counties: %s", diff)
	}
	for _, g := range v.Stages {
		if g.Tolerances != nil || g.Cases == nil || g.Cases.Opened.List != 0 {
			t.Errorf("stage %s has numbers without a list: %+v", g.Key, g.Cases)
		}
	}
	for _, g := range v.Units {
		if g.Cases != nil || g.Tolerances == nil {
			t.Errorf("unit %s: %+v", g.Key, g)
		}
	}
	if rest := s.view(t, viewers["a clerk of planning"]); rest.Total.Cases != nil || len(rest.Counties) > 0 || rest.Total.Items.Decided.N != 0 {
		t.Errorf("a unit sees of others: %+v", rest)
	}
	s.sections(t)
}

// sections are read when they are asked for.
func (s *stage) sections(t *testing.T) {
	t.Helper()
	now := s.clock.Now()
	read := func(sections ...string) board.View {
		v, err := s.board.Read(t.Context(), s.city.Load(), board.Viewer{All: true}, tally.Period{From: tally.DayOf(now), To: tally.DayOf(now)}, sections, now)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := read("stages"); len(v.Stages) == 0 || len(v.Units)+len(v.Counties)+len(v.Items) > 0 {
		t.Errorf("stages: %+v", v)
	}
	if v := read("none"); len(v.Stages)+len(v.Units)+len(v.Counties)+len(v.Items) > 0 || v.Total.Items.Decided.N != 1 {
		t.Errorf("none: %+v", v)
	}
	if v := read(); len(v.Stages) == 0 || len(v.Units) == 0 || len(v.Counties) == 0 || len(v.Items) == 0 {
		t.Errorf("all: %+v", v)
	}
}

// Reading costs what the division of the city costs, not what its cases cost: as many statements for many cases as for few.
func TestReadingCostsTheSameForMany(t *testing.T) {
	s := newStage(t, "sqlite::memory:", 9)
	cost := func() int64 {
		s.folded(t)
		least := int64(1 << 62)
		for range 20 { // what goes on beside the reading is counted too, and only ever adds
			before := s.store.DB().Counts().Statements
			s.view(t, viewers[office])
			least = min(least, s.store.DB().Counts().Statements-before)
		}
		return least
	}
	s.shop(t)
	few := cost()
	for range 40 {
		s.shop(t)
	}
	if many := cost(); many != few {
		t.Errorf("%d statements for one case, %d for 41", few, many)
	}
}
