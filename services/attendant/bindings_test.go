package attendant_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func TestOnePrimaryWhoeverComesFirst(t *testing.T) {
	const n = 12
	officials := []int{rostertest.Wang, rostertest.Li, rostertest.Qian}
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newTown(t, dsn)
		race := func(enterprise int, replace bool) (made []string, failed []error) {
			var mu sync.Mutex
			var running sync.WaitGroup
			for i := range n {
				running.Go(func() {
					b, err := w.bindings.CreateBinding(w.admin(), &attendantv1.CreateBindingRequest{Parent: parent, Replace: replace,
						Official: personName(officials[i%3]), Enterprise: enterpriseName(enterprise)})
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						failed = append(failed, err)
						return
					}
					made = append(made, b.GetName())
				})
			}
			running.Wait()
			return made, failed
		}
		made, failed := race(1, false)
		if len(made) != 1 {
			t.Errorf("%d of %d are bound", len(made), n)
		}
		for _, err := range failed {
			if !fault.Has(err, "PRIMARY_TAKEN") {
				t.Errorf("who came later is told %v", err)
			}
		}
		made, failed = race(2, true)
		for _, err := range failed {
			if !fault.Has(err, "TOO_BUSY") {
				t.Errorf("who lost is told %v", err)
			}
		}
		w.checkSuccession(2, len(made))
	})
}

// checkSuccession checks that an enterprise's bindings follow each other without gap and overlap, and that the last is active.
func (w *town) checkSuccession(enterprise, want int) {
	w.t.Helper()
	list, err := w.bindings.ListBindings(w.admin(), &attendantv1.ListBindingsRequest{Parent: parent, Filter: `enterprise = "` + enterpriseName(enterprise) + `"`})
	if err != nil {
		w.t.Fatal(err)
	}
	history := list.GetBindings()
	if len(history) != want {
		w.t.Errorf("%d bindings, want %d", len(history), want)
	}
	active := 0
	ends := map[int64]int{}
	starts := map[int64]int{}
	for _, b := range history {
		starts[b.GetStartTime().AsTime().UnixMicro()]++
		if b.GetEndTime() == nil {
			active++
			continue
		}
		ends[b.GetEndTime().AsTime().UnixMicro()]++
	}
	if active != 1 {
		w.t.Errorf("%d bindings are active", active)
	}
	for at, n := range ends {
		if starts[at] < n {
			w.t.Errorf("%d bindings end at %d, where %d start", n, at, starts[at])
		}
	}
}

func TestWhoSeesWhichBindings(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	w.bind(1, rostertest.Wang)
	w.bind(2, rostertest.Li)
	w.bind(3, rostertest.Wang)
	w.bind(3, rostertest.Zhou, func(r *attendantv1.CreateBindingRequest) { r.Role = attendantv1.Binding_AGENT })
	member := func(enterprises ...int) func(*authn.Caller) {
		return func(c *authn.Caller) {
			for _, n := range enterprises {
				c.Enterprises = append(c.Enterprises, rostertest.Enterprise(n))
			}
		}
	}
	for _, c := range []struct {
		name string
		ctx  context.Context
		want int
	}{
		{"nobody in particular", w.as(rostertest.Person(90), nil), 0},
		{"a member", w.as(rostertest.Person(90), member(3)), 2},
		{"a member of two", w.as(rostertest.Person(90), member(1, 2)), 2},
		{"an official", w.as(rostertest.Person(rostertest.Wang), nil, optionsv1.Role_ROLE_ATTENDANT), 2},
		{"a clerk", w.as(rostertest.Person(rostertest.Zhao), nil, optionsv1.Role_ROLE_CLERK), 0},
		{"the desk", w.as(rostertest.Person(91), nil, optionsv1.Role_ROLE_DISPATCHER), 4},
		{"a supervisor", w.as(rostertest.Person(91), nil, optionsv1.Role_ROLE_SUPERVISOR), 4},
		{"the mayor's office", w.as(rostertest.Person(91), nil, optionsv1.Role_ROLE_MAYOR_OFFICE), 4},
		{"a leader", w.as(rostertest.Person(91), nil, optionsv1.Role_ROLE_LEADER), 4},
		{"an auditor", w.as(rostertest.Person(91), nil, optionsv1.Role_ROLE_AUDITOR), 4},
		{"the administrator", w.admin(), 4},
	} {
		var names []string
		for token := ""; ; {
			page, err := w.bindings.ListBindings(c.ctx, &attendantv1.ListBindingsRequest{Parent: parent, PageSize: 1, PageToken: token})
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			for _, b := range page.GetBindings() {
				names = append(names, b.GetName())
			}
			if token = page.GetNextPageToken(); token == "" {
				break
			}
		}
		sorted := slices.Clone(names)
		slices.Sort(sorted)
		slices.Reverse(sorted)
		if len(names) != c.want || !slices.Equal(names, sorted) {
			t.Errorf("%s sees %d bindings, want %d, newest first: %v", c.name, len(names), c.want, names)
		}
	}
}

func TestEndBinding(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	b := w.bind(1, rostertest.Wang)
	w.clock.Advance(time.Minute)
	if _, err := w.bindings.EndBinding(w.admin(), &attendantv1.EndBindingRequest{Name: b.GetName(), Etag: "other"}); !fault.Has(err, "ETAG_MISMATCH") {
		t.Errorf("another version: %v", err)
	}
	ended, err := w.bindings.EndBinding(w.admin(), &attendantv1.EndBindingRequest{Name: b.GetName(), Etag: b.GetEtag()})
	if err != nil || !ended.GetEndTime().AsTime().Equal(w.clock.Now()) || ended.GetEtag() == b.GetEtag() {
		t.Fatalf("%v, %v", ended, err)
	}
	w.clock.Advance(time.Minute)
	again, err := w.bindings.EndBinding(w.admin(), &attendantv1.EndBindingRequest{Name: b.GetName()})
	if err != nil || !again.GetEndTime().AsTime().Equal(ended.GetEndTime().AsTime()) {
		t.Errorf("ended again: %v, %v", again, err)
	}
}

func TestBindingEndsByItself(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	end := w.clock.Now().Add(time.Hour)
	w.bind(1, rostertest.Wang, func(r *attendantv1.CreateBindingRequest) { r.EndTime = timestamppb.New(end) })
	w.clock.Set(end.Add(30 * 24 * time.Hour))
	w.idle()
	said := w.said()
	if e := said[len(said)-1].GetBindingEnded(); e == nil || !e.GetEnd().AsTime().Equal(end) {
		t.Errorf("said %v", said)
	}
}

func TestRequestsCanBeRepeated(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	create := func(ctx context.Context, enterprise int) (*attendantv1.Binding, error) {
		return w.bindings.CreateBinding(ctx, &attendantv1.CreateBindingRequest{Parent: parent, Official: personName(rostertest.Wang),
			Enterprise: enterpriseName(enterprise), RequestId: "r-1"})
	}
	names := make([]string, 8)
	var running sync.WaitGroup
	for i := range names {
		running.Go(func() {
			b, err := create(w.admin(), 1)
			if err != nil {
				t.Error(err)
			}
			names[i] = b.GetName()
		})
	}
	running.Wait()
	if slices.Sort(names); names[0] == "" || names[0] != names[len(names)-1] {
		t.Errorf("one request made %v", slices.Compact(names))
	}
	if _, err := create(w.admin(), 2); !fault.Has(err, "REQUEST_ID_REUSED") {
		t.Errorf("another body: %v", err)
	}
	if b, err := create(w.as(rostertest.Person(91), nil, optionsv1.Role_ROLE_SUPERVISOR), 2); err != nil || b.GetName() == names[0] {
		t.Errorf("somebody else's id: %v, %v", b, err)
	}
	end := &attendantv1.EndBindingRequest{Name: names[0], RequestId: "r-1"}
	for range 2 {
		if b, err := w.bindings.EndBinding(w.admin(), end); err != nil || b.GetEndTime() == nil {
			t.Errorf("ended: %v, %v", b, err)
		}
		end.Etag = "an etag is no part of what is asked for"
	}
	if b, err := create(w.admin(), 1); err != nil || b.GetName() != names[0] || b.GetEndTime() == nil {
		t.Errorf("repeated when it had ended: %v, %v", b, err)
	}
	away := &attendantv1.SetPresenceRequest{Name: officialName(rostertest.Wu), Present: proto.Bool(false), RequestId: "r-1"}
	back := &attendantv1.SetPresenceRequest{Name: officialName(rostertest.Wu), Present: proto.Bool(true)}
	for i, r := range []*attendantv1.SetPresenceRequest{away, back, away} {
		p, err := w.bindings.SetPresence(w.admin(), r)
		if err != nil || p.GetPresent() != (i > 0) {
			t.Errorf("call %d: %v, %v", i, p, err)
		}
	}
}

func TestProjectOfAnotherEnterprise(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	w.directory.project(1, 2)
	w.idle()
	for enterprise, want := range map[int]string{1: "PROJECT_FOREIGN", 2: ""} {
		_, err := w.bindings.CreateBinding(w.admin(), &attendantv1.CreateBindingRequest{Parent: parent, Official: personName(rostertest.Wang),
			Enterprise: enterpriseName(enterprise), Project: fmt.Sprintf("%s/projects/%s", enterpriseName(enterprise), rostertest.Project(1))})
		if want == "" && err != nil || want != "" && !fault.Has(err, want) {
			t.Errorf("under enterprise %d: %v", enterprise, err)
		}
	}
}
