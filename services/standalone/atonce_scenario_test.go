//go:build scenario

package standalone_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// callers is how many act at once: more than the connections of any pool on the way.
const callers = 64

// outcome is what one of many callers was told.
type outcome struct {
	status int
	answer document
}

// atOnce lets many callers send one request together and returns what each was told.
func (b *booted) atOnce(token, path string, body func(caller int) fields) []outcome {
	b.t.Helper()
	out := make([]outcome, callers)
	var ready, done sync.WaitGroup
	ready.Add(callers)
	for i := range out {
		done.Go(func() {
			ready.Done()
			ready.Wait() // the last to come lets everybody go
			out[i].status, out[i].answer = b.call(token, http.MethodPost, path, body(i))
		})
	}
	done.Wait()
	return out
}

// tally counts what many were told: 200, or the reason of the refusal.
func tally(outcomes []outcome) map[string]int {
	out := map[string]int{}
	for _, o := range outcomes {
		if o.status == http.StatusOK {
			out["OK"]++
		} else {
			out[fmt.Sprint(o.status, " ", o.answer.reason())]++
		}
	}
	return out
}

// TestManyActAtOnce lets many callers do one thing at once, first as the retries of one request, then as so many requests: there is
// one effect, the retries are told of it, and the others are told clearly that they came too late.
func TestManyActAtOnce(t *testing.T) {
	b := boot(t, t.TempDir(), withDemo)
	filer, holder := b.as("entrepreneur").text("accessToken"), b.as("attendant").text("accessToken")

	filed := b.atOnce(filer, city+"/tickets", func(int) fields {
		return fields{"title": "停水", "body": "厂区停水两天。", "requestId": "one filing"}
	})
	first := filed[0].answer
	for i, f := range filed {
		if f.status != http.StatusOK || f.answer.text("name") != first.text("name") || f.answer.text("number") != first.text("number") {
			t.Errorf("caller %d is told %d %s of %s", i, f.status, f.answer.reason(), f.answer.text("name"))
		}
	}
	if all := b.want(filer, http.MethodGet, city+"/tickets", nil)["tickets"].([]any); len(all) != 1 {
		t.Fatalf("one request id filed %d tickets", len(all))
	}
	other, refusal := b.call(filer, http.MethodPost, city+"/tickets", fields{"title": "停水", "body": "另一件事。", "requestId": "one filing"})
	if other != http.StatusConflict || refusal.reason() != "REQUEST_ID_REUSED" {
		t.Errorf("another body under the same request id: %d %s", other, refusal.reason())
	}

	b.idle() // routed
	path := "/v1/" + first.text("name")
	acts := []struct {
		verb, token, event string
		body               fields
	}{
		{"sign", holder, "signed", fields{}},
		{"answer", holder, "answered", fields{"outcome": "SOLVED", "text": "已抢修完毕，今日上午十点恢复供水，请放心。"}},
		{"verify", filer, "verified", fields{"contacted": true, "solved": true, "satisfied": "SATISFIED"}},
	}
	for _, act := range acts {
		with := func(key string) fields {
			body := fields{"requestId": key}
			for name, value := range act.body {
				body[name] = value
			}
			return body
		}
		// All but one are other requests; which of them wins is nobody's to say.
		rivals := b.atOnce(act.token, path+":"+act.verb, func(i int) fields { return with(fmt.Sprint(act.verb, i)) })
		told := tally(rivals)
		if told["OK"] != 1 {
			t.Errorf("%s: %v, want one effect", act.verb, told)
		}
		winner := 0
		for i, r := range rivals {
			switch r.status {
			case http.StatusOK:
				winner = i
			case http.StatusBadRequest, http.StatusConflict:
			default:
				t.Errorf("%s: rival %d is told %d %s", act.verb, i, r.status, r.answer.reason())
			}
		}
		repeats := b.atOnce(act.token, path+":"+act.verb, func(int) fields { return with(fmt.Sprint(act.verb, winner)) })
		if told := tally(repeats); told["OK"] != callers {
			t.Errorf("%s: the winner's retries are told %v", act.verb, told)
		}
		if n := b.count(filer, path, act.event); n != 1 {
			t.Errorf("%s: %d events", act.verb, n)
		}
	}
	b.idle()
	if check := b.want(b.as("admin").text("accessToken"), http.MethodGet, city+"/board:check", nil); check["equal"] != true {
		t.Errorf("the board differs from a recount: %v", check)
	}
}

// events are what happened to a ticket.
func (b *booted) events(token, path string) []document {
	b.t.Helper()
	var out []document
	for _, e := range b.want(token, http.MethodGet, path+"/events", nil)["events"].([]any) {
		out = append(out, e.(map[string]any))
	}
	return out
}

func (b *booted) count(token, path, event string) (n int) {
	b.t.Helper()
	for _, e := range b.events(token, path) {
		if e.text("type") == event {
			n++
		}
	}
	return n
}
