package storetest

import (
	"context"
	"fmt"
	"time"

	"github.com/throughtrain/throughtrain/services/directory/internal/enterprise"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

func (s *suite) newEnterprise(uscc enterprise.USCC, person string) (store.Enterprise, enterprise.Member) {
	now := s.wall.Now()
	e := store.Enterprise{Enterprise: enterprise.Enterprise{City: city, ID: s.ids.New(), DisplayName: "濮阳某某有限公司", USCC: uscc,
		Kind: enterprise.Registered, County: "410902", Created: now}}
	m, _ := enterprise.Member{City: city, Enterprise: e.ID, Person: person}.Claims(now)
	return e, m
}

func (s *suite) enterprise(uscc enterprise.USCC, person string) (store.Enterprise, enterprise.Member) {
	s.t.Helper()
	e, m := s.newEnterprise(uscc, person)
	s.must(s.commit(func(c *change.Change) { s.must(store.AddEnterprise(c, &e, m, s.wall.Now(), "persons/"+person)) }))
	return e, m
}

func enterprises(s *suite) {
	ctx := s.t.Context()
	_, err := s.Enterprise(ctx, city, s.ids.New())
	s.wants(err, store.ErrNotFound)
	_, err = s.EnterpriseByUSCC(ctx, city, "91350100M000100Y43")
	s.wants(err, store.ErrNotFound)
	p := s.person("13800000001")
	first, m := s.enterprise("91350100M000100Y43", p.ID)
	second, _ := s.enterprise("", p.ID)
	third, _ := s.enterprise("", s.ids.New())
	got, err := s.Enterprise(ctx, city, first.ID)
	s.must(err)
	s.same(got, first)
	got, err = s.EnterpriseByUSCC(ctx, city, "91350100M000100Y43")
	s.must(err)
	s.same(got, first)
	all, err := s.Enterprises(ctx, city, "", 10)
	s.must(err)
	s.same(all, []store.Enterprise{first, second, third})
	some, err := s.Enterprises(ctx, city, first.ID, 1)
	s.must(err)
	s.same(some, []store.Enterprise{second})
	own, err := s.EnterprisesOf(ctx, city, p.ID, "", 10)
	s.must(err)
	s.same(own, []store.Enterprise{first, second})

	gone, _, err := m.Remove()
	s.must(err)
	s.must(s.commit(func(c *change.Change) { s.must(store.SaveMember(c, &first, gone, s.wall.Now(), "persons/"+p.ID)) }))
	own, err = s.EnterprisesOf(ctx, city, p.ID, "", 10)
	s.must(err)
	s.same(own, []store.Enterprise{second})
}

func oneUSCC(s *suite) {
	won := s.race(16, func(int) error {
		e, m := s.newEnterprise("91350100M000100Y43", s.ids.New())
		return s.commit(func(c *change.Change) { s.must(store.AddEnterprise(c, &e, m, s.wall.Now(), "system/test")) })
	}, store.ErrUSCCTaken)
	s.same(won, int64(1))
	s.enterprise("", s.ids.New())
	s.enterprise("", s.ids.New()) // none is not one code
}

func members(s *suite) {
	ctx := s.t.Context()
	p := s.person("13800000001")
	e, claimed := s.enterprise("", p.ID)
	_, err := s.Member(ctx, city, e.ID, s.ids.New())
	s.wants(err, store.ErrNotFound)
	got, err := s.Member(ctx, city, e.ID, p.ID)
	s.must(err)
	s.same(got, claimed)
	none, err := s.Confirmed(ctx, city, p.ID, 10)
	s.must(err)
	s.same(len(none), 0)

	s.wall.Advance(time.Hour)
	confirmed, _, err := claimed.Confirm(true, s.wall.Now())
	s.must(err)
	won := s.race(8, func(int) error {
		one := e
		return s.commit(func(c *change.Change) { s.must(store.SaveMember(c, &one, confirmed, s.wall.Now(), "system/test")) })
	}, change.ErrConflict)
	s.same(won, int64(1))
	list, err := s.Confirmed(ctx, city, p.ID, 10)
	s.must(err)
	s.same(list, []enterprise.Member{confirmed})

	// The newest memberships come first.
	s.wall.Advance(time.Hour)
	other, m := s.enterprise("", p.ID)
	newest, _, err := m.Confirm(false, s.wall.Now())
	s.must(err)
	s.must(s.commit(func(c *change.Change) { s.must(store.SaveMember(c, &other, newest, s.wall.Now(), "system/test")) }))
	list, err = s.Confirmed(ctx, city, p.ID, 1)
	s.must(err)
	s.same(list, []enterprise.Member{newest})

	e, err = s.Enterprise(ctx, city, e.ID)
	s.must(err)
	removed, _, err := confirmed.Remove()
	s.must(err)
	s.must(s.commit(func(c *change.Change) { s.must(store.SaveMember(c, &e, removed, s.wall.Now(), "system/test")) }))
	all, err := s.Members(ctx, city, e.ID)
	s.must(err)
	s.same(len(all), 0)
	got, err = s.Member(ctx, city, e.ID, p.ID)
	s.must(err)
	s.same(got, removed)
}

func projects(s *suite) {
	ctx := s.t.Context()
	e, _ := s.enterprise("", s.ids.New())
	var want []enterprise.Project
	for i := range 3 {
		p := enterprise.Project{City: city, Enterprise: e.ID, ID: s.ids.New(), DisplayName: fmt.Sprintf("项目 %d", i), County: "410902", Stage: 2,
			InvestmentFen: 1 << 50, Jobs: 300, Created: s.wall.Now()}
		s.must(s.commit(func(c *change.Change) { s.must(store.AddProject(c, p, s.wall.Now(), "system/test")) }))
		want = append(want, p)
	}
	got, err := s.Projects(ctx, city, e.ID)
	s.must(err)
	s.same(got, want)
	one, err := s.Project(ctx, city, e.ID, want[1].ID)
	s.must(err)
	s.same(one, want[1])
	_, err = s.Project(ctx, city, s.ids.New(), want[1].ID)
	s.wants(err, store.ErrNotFound)
}

func once(s *suite) {
	ctx := s.t.Context()
	decided := 0
	r := store.Request{City: city, Person: "p", Method: "M", ID: "1", Body: [32]byte{1}}
	decide := func(context.Context) (*change.Change, string, error) {
		decided++
		return nil, fmt.Sprint("resource ", decided), nil
	}
	for range 3 {
		got, err := s.Once(ctx, r, decide)
		s.must(err)
		s.same(got, "resource 1")
	}
	s.same(decided, 1)
	other := r
	other.Body = [32]byte{2}
	_, err := s.Once(ctx, other, decide)
	s.wants(err, store.ErrRequestReused)
	for _, apart := range []store.Request{
		{City: "410500", Person: "p", Method: "M", ID: "1"}, {City: city, Person: "q", Method: "M", ID: "1"},
		{City: city, Person: "p", Method: "N", ID: "1"}, {City: city, Person: "p", Method: "M", ID: "2"}, {City: city, Person: "p", Method: "M"},
	} {
		before := decided
		_, err := s.Once(ctx, apart, decide)
		s.must(err)
		s.same(decided, before+1)
	}
	failing := r
	failing.ID = "3"
	_, err = s.Once(ctx, failing, func(context.Context) (*change.Change, string, error) { return nil, "", store.ErrNotFound })
	s.wants(err, store.ErrNotFound)
	if _, seen, err := s.Seen(ctx, failing); seen || err != nil {
		s.t.Errorf("a call that failed is remembered: %v, %v", seen, err)
	}
}

func oneRequest(s *suite) {
	names := make([]string, 16)
	r := store.Request{City: city, Person: "p", Method: "CreateEnterprise", ID: "1"}
	won := s.race(len(names), func(i int) error {
		name, err := s.Once(context.Background(), r, func(context.Context) (*change.Change, string, error) {
			e, m := s.newEnterprise("", "p")
			c := &change.Change{}
			return c, e.ID, store.AddEnterprise(c, &e, m, s.wall.Now(), "system/test")
		})
		names[i] = name
		return err
	})
	s.same(won, int64(len(names)))
	var rows int64
	s.must(s.DB().QueryRow(context.Background(), `SELECT count(*) FROM enterprises`).Scan(&rows))
	for _, name := range names {
		if name != names[0] || name == "" {
			s.t.Fatalf("one call led to %q and %q", names[0], name)
		}
	}
	s.same(rows, int64(1))
}

// citiesApart: what one city has, another has not, even under the same key.
func citiesApart(s *suite) {
	ctx := s.t.Context()
	p := s.person("13800000001")
	e, _ := s.enterprise("91350100M000100Y43", p.ID)
	const elsewhere = "410500"
	_, err := s.Person(ctx, elsewhere, p.ID)
	s.wants(err, store.ErrNotFound)
	_, err = s.PersonByPhone(ctx, elsewhere, []byte("key of 13800000001"))
	s.wants(err, store.ErrNotFound)
	_, err = s.Enterprise(ctx, elsewhere, e.ID)
	s.wants(err, store.ErrNotFound)
	_, err = s.EnterpriseByUSCC(ctx, elsewhere, e.USCC)
	s.wants(err, store.ErrNotFound)
	twin := store.Enterprise{Enterprise: e.Enterprise}
	twin.City, twin.ID = elsewhere, s.ids.New()
	s.must(s.commit(func(c *change.Change) {
		s.must(store.AddEnterprise(c, &twin, enterprise.Member{City: elsewhere, Enterprise: twin.ID, Person: p.ID, State: enterprise.Claimed, Created: s.wall.Now()},
			s.wall.Now(), "system/test"))
	}))
}
