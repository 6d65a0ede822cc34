package board_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/hotline/internal/board"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// viewers are one of each kind of person who sees a board.
var viewers = []string{policytest.MayorOffice, policytest.HousingLeader, policytest.DeskLeader, policytest.Attendant, policytest.Supervisor}

// swept lets everything happen that is due by now.
func (s *stage) swept(t *testing.T) {
	t.Helper()
	for _, ref := range s.refs {
		if err := s.Settle(t.Context(), ref.City, "tickets/"+ref.ID); err != nil {
			t.Fatal(err)
		}
	}
	s.folded(t)
}

func (s *stage) publish(t *testing.T, month, why string) (board.Published, error) {
	t.Helper()
	m, err := board.MonthOf(month)
	if err != nil {
		t.Fatal(err)
	}
	return s.board.Publish(t.Context(), board.Publication{City: policytest.Code, Month: m, Correction: why, Publisher: policytest.MayorOffice}, s.Clock.Now)
}

func (s *stage) period(t *testing.T, person, month string, revision int) board.PeriodView {
	t.Helper()
	m, err := board.MonthOf(month)
	if err != nil {
		t.Fatal(err)
	}
	city := policytest.City(t)
	v, err := s.board.Period(t.Context(), city, desk.ViewerOf(desktest.Caller(person), city), m, revision, s.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// numbers of a board by section, group and name: those that tell what happened.
func numbers(v board.View) map[string]int64 {
	out := map[string]int64{}
	for _, section := range v.Sections() {
		for _, g := range section.Groups {
			for _, n := range g.Numbers() {
				if !n.Now && n.N != 0 {
					out[section.Name+" "+g.Key+" "+n.Name] = n.N
				}
			}
		}
	}
	return out
}

// today are the numbers of a month as they are now.
func (s *stage) today(t *testing.T, person, month string) map[string]int64 {
	t.Helper()
	m, err := board.MonthOf(month)
	if err != nil {
		t.Fatal(err)
	}
	city := policytest.City(t)
	v, err := s.board.Read(t.Context(), city, desk.ViewerOf(desktest.Caller(person), city), m.Period(), board.Want{}, s.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return numbers(v)
}

// A published month keeps its numbers for everybody whatever happens later, and what changed is named beside them, with today's list.
func TestAPublishedMonthStays(t *testing.T) {
	for name, dsn := range engines {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, dsn(t), 21)
			s.detours = true
			for range storm(250) {
				s.act(t)
			}
			if before := policytest.At("2026-04-01 00:00"); s.Clock.Now().Before(before) {
				s.Clock.Set(before.Add(time.Hour))
			}
			s.swept(t)
			done, err := s.publish(t, "2026-03", "")
			if err != nil || done.Revision != 1 || done.Cells == 0 {
				t.Fatalf("%+v, %v", done, err)
			}
			then := map[string]map[string]int64{}
			for _, person := range viewers {
				then[person] = numbers(s.period(t, person, "2026-03", 0).Board)
				if diff := cmp.Diff(s.today(t, person, "2026-03"), then[person]); diff != "" {
					t.Errorf("%s: %s", person, diff)
				}
				if later := s.period(t, person, "2026-03", 0).Later; len(later) > 0 {
					t.Errorf("%s: changes before anything happened: %+v", person, later)
				}
			}
			for range storm(250) {
				s.act(t)
			}
			s.swept(t)
			changes := 0
			for _, person := range viewers {
				if diff := cmp.Diff(then[person], numbers(s.period(t, person, "2026-03", 0).Board)); diff != "" {
					t.Errorf("%s: what was published changed: %s", person, diff)
				}
				changes += s.changes(t, person, then[person])
			}
			if changes == 0 {
				t.Error("nothing changed; the storm was too mild")
			}
			if _, err := s.board.Rebuild(t.Context(), policytest.Code); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(then[policytest.MayorOffice], numbers(s.period(t, policytest.MayorOffice, "2026-03", 1).Board)); diff != "" {
				t.Errorf("a rebuild changed what was published: %s", diff)
			}
			s.equal(t)
		})
	}
}

// changes holds the later changes of a month against its numbers of then and of now, and their lists.
func (s *stage) changes(t *testing.T, person string, then map[string]int64) int {
	t.Helper()
	want := s.today(t, person, "2026-03")
	later := s.period(t, person, "2026-03", 0).Later
	now := map[string]int64{}
	for k, n := range then {
		now[k] = n
	}
	for _, l := range later {
		if l.Filter == "" {
			continue // a quantile
		}
		key := fmt.Sprint(l.Section, " ", l.Key, " ", l.Number)
		if then[key] != l.Published {
			t.Errorf("%s: %s was %d, published as %d", person, key, then[key], l.Published)
		}
		if now[key] = l.N; l.N == 0 {
			delete(now, key)
		}
		if listed := s.behind(t, person, l.Count); listed != l.N {
			t.Errorf("%s: %s is %d, its list has %d: %s", person, key, l.N, listed, l.Filter)
		}
		if l.List == board.Tickets {
			if some := s.listed(t, person, l.Changed); some > l.N || some < l.N-l.Published {
				t.Errorf("%s: %s went from %d to %d, and %d of those changed", person, key, l.Published, l.N, some)
			}
		}
	}
	if diff := cmp.Diff(want, now); diff != "" {
		t.Errorf("%s: published and later changes are not what counts today: %s", person, diff)
	}
	return len(later)
}

func (s *stage) listed(t *testing.T, person, filter string) int64 {
	t.Helper()
	return s.behind(t, person, board.Count{Filter: filter, List: board.Tickets})
}

// What may be published, and when: a month that is over, that has been settled, once; and again only with a reason.
func TestPublishingHasItsRules(t *testing.T) {
	for name, dsn := range engines {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, dsn(t), 2)
			s.refs = append(s.refs, s.File(t))
			refused := func(month, why string, want error) {
				t.Helper()
				if _, err := s.publish(t, month, why); !errors.Is(err, want) {
					t.Errorf("%s: %v, want %v", month, err, want)
				}
			}
			s.At("2026-03-31 23:59:59")
			refused("2026-03", "", board.ErrPeriodNotOver)
			s.At("2026-04-01 00:02")
			refused("2026-04", "", board.ErrPeriodNotOver)
			refused("2026-03", "", board.ErrPeriodNotSettled) // the sweeper was away
			s.swept(t)
			refused("2026-03", "还没发布就更正。", board.ErrPeriodNotFound)

			var group sync.WaitGroup
			var mu sync.Mutex
			published := 0
			for range 4 {
				group.Go(func() {
					_, err := s.publish(t, "2026-03", "")
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						published++
					} else if !errors.Is(err, board.ErrPeriodPublished) {
						t.Error(err)
					}
				})
			}
			group.Wait()
			if published != 1 {
				t.Errorf("it was published %d times", published)
			}
			second, err := s.publish(t, "2026-03", "三月的回访漏计。")
			if err != nil || second.Revision != 2 {
				t.Fatalf("%+v, %v", second, err)
			}
			first := s.period(t, policytest.MayorOffice, "2026-03", 1)
			if first.Correction != "" || first.Revision != 1 || string(first.Digest) == string(second.Digest) {
				t.Errorf("the revision before: %+v", first.Published)
			}
			if newest := s.period(t, policytest.MayorOffice, "2026-03", 0); newest.Correction != "三月的回访漏计。" || newest.Publisher != policytest.MayorOffice {
				t.Errorf("the newest revision: %+v", newest.Published)
			}
			s.periods(t)
			s.equal(t)
		})
	}
}

// periods pages through two months, one of them empty.
func (s *stage) periods(t *testing.T) {
	t.Helper()
	if empty, err := s.publish(t, "2026-02", ""); err != nil || empty.Cells != 0 {
		t.Errorf("a month without anything: %+v, %v", empty, err)
	}
	if v := s.period(t, policytest.MayorOffice, "2026-02", 0); len(v.Later) > 0 || v.Board.Total.Filed.N != 0 {
		t.Errorf("a month without anything: %+v", v)
	}
	var seen []string
	var after *board.PeriodKey
	for {
		some, err := s.board.Periods(t.Context(), policytest.Code, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range some {
			seen = append(seen, fmt.Sprint(p.Month, " ", p.Revision))
			after = &board.PeriodKey{Month: p.Month, Revision: p.Revision}
		}
		if len(some) < 2 {
			break
		}
	}
	if diff := cmp.Diff([]string{"2026-03 2", "2026-03 1", "2026-02 1"}, seen); diff != "" {
		t.Error(diff)
	}
}

// Whoever changes what was published is found out, be it a number, the digest beside it, or both.
func TestCheckFindsAChangedPublication(t *testing.T) {
	s := newStage(t, "sqlite::memory:", 2)
	s.refs = append(s.refs, s.File(t))
	s.At("2026-04-01 09:00")
	s.swept(t)
	if _, err := s.publish(t, "2026-03", ""); err != nil {
		t.Fatal(err)
	}
	s.equal(t)
	for _, tamper := range []struct{ do, undo string }{
		{`UPDATE board_period_cells SET n = n + 1 WHERE measure = 'filed'`, `UPDATE board_period_cells SET n = n - 1 WHERE measure = 'filed'`},
		{`UPDATE board_periods SET correction = 'x'`, `UPDATE board_periods SET correction = ''`},
		{`UPDATE board_periods SET digest = x'00', hash = hash`, ``},
	} {
		run := func(sql string) {
			if err := s.Store.Commit(t.Context(), &change.Change{Statements: []change.Statement{change.Guard(sql)}}); err != nil {
				t.Fatal(err)
			}
		}
		run(tamper.do)
		got, err := s.board.Check(t.Context(), policytest.Code)
		if err != nil || len(got.Differences) != 1 {
			t.Errorf("%s: %v, %q", tamper.do, err, got.Differences)
		}
		if tamper.undo != "" {
			run(tamper.undo)
			s.equal(t)
		}
	}
}

func TestMonths(t *testing.T) {
	for _, bad := range []string{"", "2026", "2026-13", "2026-00", "2026-1", "1999-12", "2026-10-01", "-026-10"} {
		if m, err := board.MonthOf(bad); err == nil {
			t.Errorf("%q is month %s", bad, m)
		}
	}
	m, err := board.MonthOf("2028-02")
	if err != nil || m.String() != "2028-02" || m.Period() != (board.Period{From: 20280201, To: 20280229}) || !m.End().Equal(policytest.At("2028-03-01 00:00")) {
		t.Errorf("%s, %+v, %s, %v", m, m.Period(), m.End(), err)
	}
}
