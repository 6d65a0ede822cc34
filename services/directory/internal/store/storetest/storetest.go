// Package storetest is what every engine under the directory's store has to hold: one body of tests, run on SQLite and on
// PostgreSQL.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/person"
	"github.com/throughtrain/throughtrain/services/directory/internal/session"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

const city = "410900"

// Start is the instant at which the clock of a suite's store stands.
var Start = time.Date(2026, 11, 20, 9, 0, 0, 123_000, time.UTC)

type suite struct {
	*store.Store
	t    *testing.T
	wall *movable.Clock
	ids  *ids.Source
}

// Run holds an engine to the contract. open makes a fresh, empty store on the given clock.
func Run(t *testing.T, open func(t *testing.T, wall *movable.Clock) *store.Store) {
	for _, test := range []struct {
		name string
		run  func(s *suite)
	}{
		{"persons", persons}, {"one phone, one person", onePhone}, {"officials", officials}, {"dismissal", dismissal},
		{"sessions", sessions}, {"passwords", passwords}, {"codes", codes}, {"one code, one winner", oneCode}, {"limits", limits},
		{"a crowd at a limit", crowd}, {"enterprises", enterprises}, {"one credit code, one enterprise", oneUSCC}, {"members", members},
		{"projects", projects}, {"once", once}, {"one request, one effect", oneRequest}, {"revocations", revocations}, {"cities apart", citiesApart},
	} {
		t.Run(test.name, func(t *testing.T) {
			wall := movable.New(Start)
			s := &suite{Store: open(t, wall), t: t, wall: wall, ids: ids.New(wall)}
			test.run(s)
			s.chains()
		})
	}
}

func (s *suite) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *suite) wants(err, want error) {
	s.t.Helper()
	if !errors.Is(err, want) {
		s.t.Fatalf("got %v, want %v", err, want)
	}
}

func (s *suite) same(got, want any) {
	s.t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		s.t.Fatal(diff)
	}
}

// commit writes what fill appends.
func (s *suite) commit(fill func(c *change.Change)) error {
	c := &change.Change{}
	fill(c)
	return store.Taken(s.Commit(context.Background(), c))
}

// chains verifies the history of every aggregate in the feed.
func (s *suite) chains() {
	s.t.Helper()
	ctx := context.Background()
	var events int64
	counted := map[string]int64{}
	s.must(s.DB().QueryRow(ctx, `SELECT count(*) FROM journal`).Scan(&events))
	if events == 0 {
		return
	}
	s.must(s.AwaitFeed(ctx, events-1))
	feed, err := s.Feed(ctx, 0, int(events)+1)
	s.must(err)
	for _, e := range feed {
		counted[e.City+"/"+e.Aggregate]++
		if counted[e.City+"/"+e.Aggregate] > 1 {
			continue
		}
		history, err := s.Journal(ctx, e.City, e.Aggregate, e.Month)
		s.must(err)
		var chain journal.Chain
		for _, sealed := range history {
			s.must(chain.Extend(sealed))
		}
	}
	if int64(len(feed)) != events {
		s.t.Fatalf("%d events in the feed, %d in the journal", len(feed), events)
	}
}

func (s *suite) person(phone person.Phone) store.Person {
	s.t.Helper()
	p := store.Person{Person: person.Person{City: city, ID: s.ids.New(), Phone: phone, DisplayName: "张三", Language: "zh-CN"}}
	s.must(s.commit(func(c *change.Change) {
		s.must(store.AddPerson(c, &p, []byte("key of "+phone), s.wall.Now(), "system/test"))
	}))
	return p
}

func persons(s *suite) {
	ctx := s.t.Context()
	_, err := s.Person(ctx, city, s.ids.New())
	s.wants(err, store.ErrNotFound)
	_, err = s.PersonByPhone(ctx, city, []byte("nobody's"))
	s.wants(err, store.ErrNotFound)
	s.entered(false)
	p := s.person("13800000001")
	s.entered(true)
	got, err := s.Person(ctx, city, p.ID)
	s.must(err)
	s.same(got, p)
	id, err := s.PersonByPhone(ctx, city, []byte("key of 13800000001"))
	s.must(err)
	s.same(id, p.ID)
	p.DisplayName, p.Language = "Zhang San", "en"
	s.must(s.commit(func(c *change.Change) { store.SaveContents(c, p) }))
	got, err = s.Person(ctx, city, p.ID)
	s.must(err)
	s.same(got, p)
	ghost := p
	ghost.ID = s.ids.New()
	s.wants(s.commit(func(c *change.Change) { store.SaveContents(c, ghost) }), change.ErrConflict)
}

func (s *suite) entered(want bool) {
	s.t.Helper()
	got, err := s.Entered(s.t.Context())
	s.must(err)
	s.same(got, want)
}

func onePhone(s *suite) {
	won := s.race(16, func(int) error {
		p := store.Person{Person: person.Person{City: city, ID: s.ids.New(), Phone: "13800000001"}}
		return s.commit(func(c *change.Change) {
			s.must(store.AddPerson(c, &p, []byte("one key"), s.wall.Now(), "system/test"))
		})
	}, store.ErrPhoneTaken)
	s.same(won, int64(1))
	var rows int
	s.must(s.DB().QueryRow(s.t.Context(), `SELECT count(*) FROM persons`).Scan(&rows))
	s.same(rows, 1)
}

// race runs n at once and counts who wins; who does not must lose for one of the reasons given.
func (s *suite) race(n int, run func(i int) error, losing ...error) int64 {
	s.t.Helper()
	var won atomic.Int64
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			err := run(i)
			switch {
			case err == nil:
				won.Add(1)
			case !slices.ContainsFunc(losing, func(reason error) bool { return errors.Is(err, reason) }):
				s.t.Errorf("lost for another reason: %v", err)
			}
		})
	}
	group.Wait()
	return won.Load()
}

func (s *suite) official(login string, roles ...optionsv1.Role) store.Official {
	s.t.Helper()
	o := store.Official{Official: person.Official{City: city, Person: s.ids.New(), Login: login, DisplayName: "王建国", Title: "科长",
		Unit: "gxj", Phone: "0393-5550123", Roles: roles}}
	s.must(s.commit(func(c *change.Change) { s.must(store.AddOfficial(c, &o, s.wall.Now(), "system/test")) }))
	return o
}

func officials(s *suite) {
	ctx := s.t.Context()
	_, err := s.Official(ctx, city, s.ids.New())
	s.wants(err, store.ErrNotFound)
	_, err = s.OfficialByLogin(ctx, city, "wang")
	s.wants(err, store.ErrNotFound)
	o := s.official("wang", optionsv1.Role_ROLE_CLERK, optionsv1.Role_ROLE_LEADER)
	other := s.official("ann")
	byLogin, err := s.OfficialByLogin(ctx, city, "wang")
	s.must(err)
	s.same(byLogin, o)
	all, err := s.Officials(ctx, city)
	s.must(err)
	s.same(all, []store.Official{other, o})
	twin := o
	twin.Official.Person = s.ids.New()
	s.wants(s.commit(func(c *change.Change) { s.must(store.AddOfficial(c, &twin, s.wall.Now(), "system/test")) }), store.ErrLoginTaken)

	// A new title revokes nothing, another role does.
	after := o
	after.Title = "局长"
	s.must(s.commit(func(c *change.Change) {
		s.must(store.SaveOfficial(c, o, &after, s.wall.Now(), s.wall.Now(), "system/test"))
	}))
	s.same(after.Version, o.Version)
	more := after
	more.Roles = append(slices.Clone(after.Roles), optionsv1.Role_ROLE_SUPERVISOR)
	s.must(s.commit(func(c *change.Change) {
		s.must(store.SaveOfficial(c, after, &more, s.wall.Now(), s.wall.Now(), "system/test"))
	}))
	got, err := s.Official(ctx, city, o.Person)
	s.must(err)
	s.same(got, more)
	revoked, err := s.Revocations(ctx)
	s.must(err)
	s.same(revoked, []store.Revocation{{City: city, Person: o.Person, IssuedUntil: s.wall.Now()}})
}

func dismissal(s *suite) {
	ctx := s.t.Context()
	o := s.official("wang", optionsv1.Role_ROLE_CLERK)
	x := s.session(o.Person)
	s.must(s.commit(func(c *change.Change) {
		store.AddPassword(c, store.Password{City: city, Person: o.Person, Hash: "h", Changed: s.wall.Now()})
	}))
	s.wall.Advance(time.Hour)
	stale := o
	s.must(s.commit(func(c *change.Change) {
		s.must(store.DismissOfficial(c, &o, person.ByAdmin, s.wall.Now(), s.wall.Now(), "persons/admin"))
	}))
	got, err := s.Official(ctx, city, o.Person)
	s.must(err)
	s.same(got, o)
	if got.Serves() || got.DismissedBy != person.ByAdmin {
		s.t.Errorf("got %+v", got)
	}
	_, err = s.Password(ctx, city, o.Person)
	s.wants(err, store.ErrNotFound)
	ended, err := s.Session(ctx, city, x.ID)
	s.must(err)
	s.same(ended.Ended, s.wall.Now())
	s.wants(s.commit(func(c *change.Change) {
		s.must(store.DismissOfficial(c, &stale, person.ByFiles, s.wall.Now(), s.wall.Now(), "system/test"))
	}), change.ErrConflict)
}

var tokens = session.Tokens{
	Mark: func(...string) []byte { return make([]byte, 32) },
	Next: func(parts ...string) []byte { return []byte(fmt.Sprintf("%-32.32s", "next "+parts[2])) },
}

func (s *suite) session(person string) session.Session {
	s.t.Helper()
	id := s.ids.New()
	x := session.New(city, id, person, session.ByCode, tokens.First(city, id), s.wall.Now())
	s.must(s.commit(func(c *change.Change) { store.AddSession(c, x) }))
	return x
}

func sessions(s *suite) {
	ctx := s.t.Context()
	_, err := s.Session(ctx, city, s.ids.New())
	s.wants(err, store.ErrNotFound)
	s.entered(false)
	p := s.person("13800000001")
	s.entered(true)
	x, other := s.session(p.ID), s.session(p.ID)
	got, err := s.Session(ctx, city, x.ID)
	s.must(err)
	s.same(got, x)

	s.wall.Advance(time.Minute)
	next := x.Rotate(tokens.First(city, x.ID), s.wall.Now())
	won := s.race(8, func(int) error { return s.commit(func(c *change.Change) { store.RotateSession(c, x, next) }) }, change.ErrConflict)
	s.same(won, int64(1))
	got, err = s.Session(ctx, city, x.ID)
	s.must(err)
	s.same(got, next)

	s.must(s.commit(func(c *change.Change) { store.EndSession(c, next, s.wall.Now()) }))
	s.wants(s.commit(func(c *change.Change) { store.EndSession(c, next, s.wall.Now()) }), change.ErrConflict)
	s.wants(s.commit(func(c *change.Change) { store.RotateSession(c, next, next) }), change.ErrConflict)
	live, err := s.LiveSessions(ctx, city, p.ID)
	s.must(err)
	s.same(live, []session.Session{other})
	third := s.session(p.ID)
	s.must(s.commit(func(c *change.Change) { store.EndSessions(c, city, p.ID, third.ID, s.wall.Now()) }))
	live, err = s.LiveSessions(ctx, city, p.ID)
	s.must(err)
	s.same(live, []session.Session{third})
}

func passwords(s *suite) {
	ctx := s.t.Context()
	o := s.official("wang")
	given := store.Password{City: city, Person: o.Person, Hash: "given", Initial: store.Given, Changed: s.wall.Now()}
	s.must(s.commit(func(c *change.Change) { store.AddPassword(c, given) }))
	s.wants(s.commit(func(c *change.Change) { store.AddPassword(c, given) }), change.ErrConflict)
	s.entered(false)
	spent := given
	spent.Initial = store.Spent
	won := s.race(8, func(int) error { return s.commit(func(c *change.Change) { store.SavePassword(c, given, spent) }) }, change.ErrConflict)
	s.same(won, int64(1))
	s.entered(true)
	got, err := s.Password(ctx, city, o.Person)
	s.must(err)
	s.same(got, spent)
}
