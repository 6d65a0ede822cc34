package desk_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

const crowd = 32

// at once lets a crowd do the same thing at the same moment and returns what each was told.
func atOnce(do func(i int) (desk.View, error)) (views []desk.View, refusals []error) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	gate := make(chan struct{})
	for i := range crowd {
		wg.Go(func() {
			<-gate
			view, err := do(i)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				refusals = append(refusals, err)
				return
			}
			views = append(views, view)
		})
	}
	close(gate)
	wg.Wait()
	return views, refusals
}

func TestACrowdFilesWithOneRequestID(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		views, refusals := atOnce(func(int) (desk.View, error) {
			return w.Desk.File(t.Context(), desktest.Caller(desktest.Filer), desktest.Call("CreateTicket", "one"), desktest.Filing())
		})
		if len(refusals) > 0 {
			t.Fatal(errors.Join(refusals...))
		}
		for _, v := range views {
			if v.Ticket.ID != views[0].Ticket.ID || v.Ticket.Number != views[0].Ticket.Number {
				t.Errorf("two tickets: %s and %s", v.Ticket.ID, views[0].Ticket.ID)
			}
			if v.Filing().Body != desktest.Filing().Body {
				t.Errorf("a replay shows the body %q", v.Filing().Body)
			}
		}
		list, err := w.List(t.Context(), desktest.Caller(desktest.Filer), desk.ListQuery{City: policytest.Code})
		if err != nil || list.Total != 1 {
			t.Errorf("%d tickets, %v", list.Total, err)
		}
	})
}

// One of a crowd acts; everybody else is told the state or that the ticket changed, and nothing happens twice.
func TestACrowdActsAtOnce(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		ref := w.File(t)
		filer, holder, dispatcher := desktest.Caller(desktest.Filer), desktest.Caller(policytest.Attendant), desktest.Caller(policytest.Dispatcher)
		steps := []struct {
			name string
			do   func(call desk.Call) (desk.View, error)
		}{
			{"dispatch", func(c desk.Call) (desk.View, error) {
				return w.Dispatch(t.Context(), dispatcher, c, ref, policytest.Attendant)
			}},
			{"sign", func(c desk.Call) (desk.View, error) { return w.Sign(t.Context(), holder, c, ref) }},
			{"ask", func(c desk.Call) (desk.View, error) { return w.Ask(t.Context(), holder, c, ref, "受理号？") }},
			{"reply", func(c desk.Call) (desk.View, error) { return w.Reply(t.Context(), filer, c, ref, "20260001") }},
			{"answer", func(c desk.Call) (desk.View, error) {
				return w.Answer(t.Context(), holder, c, ref, ticket.Solved, "施工许可证已于今日核发，请到政务服务中心三楼领取。")
			}},
			{"verify", func(c desk.Call) (desk.View, error) {
				return w.Verify(t.Context(), filer, c, ref, desk.Verdict{Contacted: true, Solved: true, Satisfied: ticket.Satisfied})
			}},
		}
		for _, step := range steps {
			before := version(t, w, ref)
			views, refusals := atOnce(func(i int) (desk.View, error) { return step.do(desktest.Call(step.name, fmt.Sprint(i))) })
			if len(views) != 1 {
				t.Errorf("%s: %d succeeded", step.name, len(views))
			}
			for _, err := range refusals {
				if !fault.Has(err, "STATE_FORBIDS") && !fault.Has(err, "TOO_BUSY") {
					t.Errorf("%s: %v", step.name, err)
				}
			}
			added := version(t, w, ref) - before
			if want := map[bool]int64{true: 2, false: 1}[step.name == "verify"]; added != want {
				t.Errorf("%s: %d events, want %d", step.name, added, want)
			}
		}
		if _, _, verified, err := w.History(t.Context(), filer, ref); err != nil || !verified {
			t.Errorf("the chain: %t, %v", verified, err)
		}
	})
}

func TestACrowdSignsWithOneRequestID(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	ref := w.File(t)
	if _, err := w.Dispatch(t.Context(), desktest.Caller(policytest.Dispatcher), noCall, ref, policytest.Attendant); err != nil {
		t.Fatal(err)
	}
	views, refusals := atOnce(func(int) (desk.View, error) {
		return w.Sign(t.Context(), desktest.Caller(policytest.Attendant), desktest.Call("SignTicket", "one"), ref)
	})
	if len(views) != crowd || version(t, w, ref) != 3 {
		t.Errorf("%d of %d were told that it is signed, version %d: %v", len(views), crowd, version(t, w, ref), errors.Join(refusals...))
	}
}

// Two who answer alike on two tickets at the same moment: the second answer is seen to be the same.
func TestTheSameAnswerTwiceAtOnce(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	holder := desktest.Caller(policytest.Attendant)
	refs := make([]desk.Ref, crowd)
	for i := range refs {
		refs[i] = w.File(t)
		if _, err := w.Dispatch(t.Context(), desktest.Caller(policytest.Dispatcher), noCall, refs[i], policytest.Attendant); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Sign(t.Context(), holder, noCall, refs[i]); err != nil {
			t.Fatal(err)
		}
	}
	views, refusals := atOnce(func(i int) (desk.View, error) {
		return w.Answer(t.Context(), holder, noCall, refs[i], ticket.Explained, "您好，您反映的问题我们已经收悉，正在研究处理，感谢您的关注与支持。")
	})
	thin := 0
	for _, v := range views {
		if v.Ticket.LastAnswer.Thin {
			thin++
		}
	}
	if len(refusals) > 0 || thin != crowd-1 {
		t.Errorf("%d of %d marked as given before: %v", thin, crowd, errors.Join(refusals...))
	}
}

func version(t *testing.T, w *desktest.World, ref desk.Ref) int64 {
	t.Helper()
	view, err := w.Get(t.Context(), desktest.Caller(policytest.Dispatcher), ref)
	if err != nil {
		t.Fatal(err)
	}
	return view.Ticket.Version
}

// meanwhile is a clock that lets something happen between a decision's reading and its commit.
type meanwhile struct {
	clock.Clock
	happen func()
}

func (m *meanwhile) Now() time.Time {
	if happen := m.happen; happen != nil {
		m.happen = nil
		happen()
	}
	return m.Clock.Now()
}

// Whoever decides again decides by the configuration that is in force by then.
func TestDecidingAgainUnderANewConfiguration(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	ref := held(t, w)
	holder := desktest.Caller(policytest.Attendant)
	first, err := w.Cities.City(policytest.Code)
	if err != nil {
		t.Fatal(err)
	}
	slow := &meanwhile{Clock: w.Clock, happen: func() {
		w.Cities.Put(policytest.Next(t, first, policytest.AppliedAt(w.Clock.Now())))
		if _, err := w.Contact(t.Context(), holder, noCall, ref, "phone", ""); err != nil {
			t.Error(err)
		}
	}}
	late := desk.New(desk.Deps{Store: w.Store, Cities: w.Cities, City: slow, Wall: w.Wall})
	view, err := late.Answer(t.Context(), holder, noCall, ref, ticket.Solved, "许可证已经办好，请到窗口领取，或者由我们寄送。")
	if err != nil {
		t.Fatal(err)
	}
	if v := view.Ticket.Clock(ticket.KindVerify).ConfigVersion; v != 2 {
		t.Errorf("the verification is owed under version %d", v)
	}
}
