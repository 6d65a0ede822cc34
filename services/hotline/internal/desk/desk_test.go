package desk_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
)

var noCall = desk.Call{}

// The straight way: filed, dispatched, signed, answered, verified.
func TestTheStraightWay(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	ref := w.File(t)
	filer, holder, dispatcher := desktest.Caller(desktest.Filer), desktest.Caller(policytest.Attendant), desktest.Caller(policytest.Dispatcher)
	steps := []struct {
		name string
		do   func() (desk.View, error)
		want ticket.State
	}{
		{"dispatch", func() (desk.View, error) {
			return w.Dispatch(t.Context(), dispatcher, noCall, ref, policytest.Attendant)
		}, ticket.StateDispatched},
		{"sign", func() (desk.View, error) { return w.Sign(t.Context(), holder, noCall, ref) }, ticket.StateInProgress},
		{"contact", func() (desk.View, error) {
			return w.Contact(t.Context(), holder, noCall, ref, "phone", "已电话联系")
		}, ticket.StateInProgress},
		{"ask", func() (desk.View, error) { return w.Ask(t.Context(), holder, noCall, ref, "受理号是多少？") }, ticket.StateWaiting},
		{"reply", func() (desk.View, error) { return w.Reply(t.Context(), filer, noCall, ref, "20260001") }, ticket.StateInProgress},
		{"answer", func() (desk.View, error) {
			return w.Answer(t.Context(), holder, noCall, ref, ticket.Solved, "施工许可证已于今日核发，请到政务服务中心三楼领取。")
		}, ticket.StateAnswered},
		{"verify", func() (desk.View, error) {
			return w.Verify(t.Context(), filer, noCall, ref, desk.Verdict{Contacted: true, Solved: true, Satisfied: ticket.Satisfied, Comment: "谢谢"})
		}, ticket.StateClosed},
	}
	for _, step := range steps {
		w.Pass(1e9)
		view, err := step.do()
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if view.Ticket.State != step.want {
			t.Fatalf("%s: %s, want %s", step.name, view.Ticket.State, step.want)
		}
	}
	_, entries, verified, err := w.History(t.Context(), filer, ref)
	if err != nil || !verified || len(entries) != 9 {
		t.Errorf("history: %d entries, verified %t, %v", len(entries), verified, err)
	}
	_, messages, err := w.Messages(t.Context(), filer, ref)
	if err != nil || len(messages) != 4 {
		t.Errorf("the filer reads %d messages, %v", len(messages), err)
	}
}

func BenchmarkFile(b *testing.B) {
	for _, parallel := range []int{1, 64} {
		b.Run(map[int]string{1: "alone", 64: "crowd"}[parallel], func(b *testing.B) {
			w := desktest.New(b, "sqlite:"+filepath.Join(b.TempDir(), "hotline.db"))
			filer, in := desktest.Caller(desktest.Filer), desktest.Filing()
			b.ReportAllocs()
			var wg sync.WaitGroup
			todo := make(chan int, b.N)
			for i := range b.N {
				todo <- i
			}
			close(todo)
			b.ResetTimer()
			for range parallel {
				wg.Go(func() {
					for i := range todo {
						call := desktest.Call("CreateTicket", string(rune(i))+"-"+b.Name())
						call.RequestID = b.Name() + string(append([]byte(nil), byte(i), byte(i>>8), byte(i>>16), 'x'))
						if _, err := w.Desk.File(b.Context(), filer, call, in); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "filings/s")
		})
	}
}
