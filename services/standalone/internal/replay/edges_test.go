package replay

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline"
)

// TestTheTableIsKnown: what this package adds to the table of the process, or leaves out of it, is about what is in it.
func TestTheTableIsKnown(t *testing.T) {
	table := hotline.Process()
	in := func(verb, from string) bool {
		return slices.ContainsFunc(table, func(e edge) bool { return e.Verb == verb && e.From == from })
	}
	for verb, states := range stays {
		for _, s := range states {
			if !in(verb, s) || slices.Contains(table, edge{Verb: verb, From: s, To: s}) {
				t.Errorf("%s may not stay %s, or the table says so already", verb, s)
			}
		}
	}
	left := 0
	for _, e := range table {
		if unreachable(e) != "" {
			left++
		}
	}
	if left != 10 { // each has its reason
		t.Errorf("%d edges of the table are left out", left)
	}
	for _, e := range driven() {
		if unreachable(e) != "" {
			t.Errorf("%v is to be driven, and cannot be", e)
		}
	}
}

// TestEdgesOf: what follows from an event moves the verb before it, and is no verb.
func TestEdgesOf(t *testing.T) {
	const history = `[
		{"time":"2024-01-01T00:00:00Z","event":{"filed":{"urgency":"NORMAL"}}},
		{"time":"2024-01-01T00:00:00Z","event":{"dispatched":{"reason":"enterprise"}}},
		{"time":"2024-01-01T01:00:00Z","event":{"signed":{}}},
		{"time":"2024-01-01T01:00:00Z","event":{"returnRequested":{"request":1,"order":0}}},
		{"time":"2024-01-01T02:00:00Z","event":{"asked":{"message":"q"}}},
		{"time":"2024-01-01T02:00:00Z","event":{"returnDecided":{"request":1,"decision":"granted","message":"m"}}},
		{"time":"2024-01-01T02:00:00Z","event":{"resumed":{"cause":"recall"}}},
		{"time":"2024-01-01T02:00:00Z","event":{"recalled":{"cause":"return","proposal":"0"}}},
		{"time":"2024-01-01T03:00:00Z","event":{"absorbed":{"ticket":"x"}}},
		{"time":"2024-01-01T03:00:00Z","event":{"conflictNamed":{"units":["water"]}}},
		{"time":"2024-01-01T04:00:00Z","event":{"rejectionProposed":{"route":"police"}}},
		{"time":"2024-01-01T04:00:00Z","event":{"closed":{"reason":"REJECTED"}}}]`
	var events []recorded
	if err := json.Unmarshal([]byte(history), &events); err != nil {
		t.Fatal(err)
	}
	want := []edge{
		{Verb: "file", To: filed}, {Verb: "route", From: filed, To: dispatched}, {Verb: "sign", From: dispatched, To: inProgress},
		{Verb: "return", From: inProgress, To: inProgress}, {Verb: "ask", From: inProgress, To: waiting}, {Verb: "decideReturn", From: waiting, To: filed},
		{Verb: "reject", From: filed, To: closed},
	}
	if got := edgesOf(events); !slices.Equal(got, want) {
		t.Errorf("taken %v, want %v", got, want)
	}
}
