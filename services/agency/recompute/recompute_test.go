package recompute_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/agency/recompute"
)

var limits = recompute.Limits{Accept: 5, Correct: 30, Withdrawal: 2, Extension: 2, Deliver: 10}

// told writes what is owed down, a line each, from a history of lines of a time and an event.
func told(t *testing.T, history string, asOf string) string {
	t.Helper()
	var events []string
	for line := range strings.Lines(strings.TrimSpace(history)) {
		at, event, _ := strings.Cut(strings.TrimSpace(line), " | ")
		events = append(events, fmt.Sprintf(`{"time": "%s+08:00", "event": {%s}}`, at, event))
	}
	end, err := time.Parse(time.RFC3339, asOf+"+08:00")
	if err != nil {
		t.Fatal(err)
	}
	clocks, err := recompute.Recompute([]byte(`{"events": [`+strings.Join(events, ",")+`]}`), limits, end)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, c := range clocks {
		fmt.Fprintf(&b, "%s %s %s\n", c.Kind, c.Due.In(end.Location()).Format("01-02 15:04"), c.State)
	}
	return b.String()
}

const planned = `2026-01-01T09:00:00 | "casePlanned": {"items": [{"code": "a", "statutoryWorkdays": 20, "promisedWorkdays": 10, "certificate": "a"}]}
`

// TestVectors: the due times that the notices were checked with.
func TestVectors(t *testing.T) {
	for _, v := range []struct {
		start    string
		workdays int
		due      string
	}{
		{"2026-02-13", 3, "02-25"}, {"2026-02-13", 5, "02-27"}, {"2026-02-13", 10, "03-05"}, {"2026-09-18", 3, "09-22"}, {"2026-09-30", 5, "10-13"},
		{"2026-04-30", 1, "05-06"}, {"2025-01-24", 5, "02-07"}, {"2025-09-26", 10, "10-16"}, {"2026-09-28", 5, "10-10"},
	} {
		history := fmt.Sprintf(`2025-01-01T09:00:00 | "casePlanned": {"items": [{"code": "a", "promisedWorkdays": %d}]}
			%sT09:00:00 | "itemSubmitted": {"item": "a", "attempt": 1}
			%sT09:00:00 | "itemAccepted": {"item": "a", "acceptTime": "%sT09:00:00+08:00"}`, v.workdays, v.start, v.start, v.start)
		got := told(t, history, v.start+"T09:00:00")
		if want := "PROMISED " + v.due + " 18:00 RUNNING\n"; !strings.HasSuffix(got, want) {
			t.Errorf("%s + %d: %s, want %s", v.start, v.workdays, got, want)
		}
	}
}

func TestAStopAndMoreTime(t *testing.T) {
	got := told(t, planned+`2026-03-02T09:00:00 | "itemSubmitted": {"item": "a", "attempt": 1}
		2026-03-02T10:00:00 | "itemAccepted": {"item": "a", "acceptTime": "2026-03-02T10:00:00+08:00"}
		2026-03-03T09:30:00 | "correctionRequested": {"item": "a", "materials": ["m"]}
		2026-03-05T09:30:00 | "correctionMade": {"item": "a"}
		2026-03-05T09:30:00 | "limitExtended": {"item": "a", "workdays": 2}
		2026-03-19T09:30:00 | "itemApproved": {"item": "a"}`, "2026-03-20T09:00:00")
	want := strings.TrimLeft(`
ACCEPT 03-09 18:00 MET
STATUTORY 04-03 18:00 MET
PROMISED 03-18 18:00 BREACHED
CORRECT 04-15 18:00 MET
DELIVER 04-02 18:00 RUNNING
`, "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSilence(t *testing.T) {
	got := told(t, planned+`2026-03-02T09:00:00 | "itemSubmitted": {"item": "a", "attempt": 1}
		2026-03-09T18:00:00 | "itemAccepted": {"item": "a", "acceptTime": "2026-03-02T09:00:00+08:00", "deemed": true}
		2026-03-12T18:00:00 | "withdrawalRequested": {"item": "a"}
		2026-03-16T18:00:00 | "itemWithdrawn": {"item": "a", "cause": "silence"}`, "2026-06-01T09:00:00")
	want := strings.TrimLeft(`
ACCEPT 03-09 18:00 BREACHED
STATUTORY 03-30 18:00 ENDED
PROMISED 03-16 18:00 BREACHED
WITHDRAWAL 03-16 18:00 BREACHED
`, "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatAnAgentAskedFor(t *testing.T) {
	got := told(t, planned+`2026-03-02T09:00:00 | "materialRequested": {"number": 1, "material": "m", "workdays": 3}
		2026-03-02T09:00:00 | "materialRequested": {"number": 2, "material": "n", "workdays": 1}
		2026-03-05T18:00:00 | "documentAdded": {"material": "m"}
		2026-03-06T09:00:00 | "materialObtained": {"material": "n"}`, "2026-03-20T09:00:00")
	if diff := cmp.Diff("REQUEST 03-05 18:00 MET\nREQUEST 03-03 18:00 BREACHED\n", got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNoHistory(t *testing.T) {
	if _, err := recompute.Recompute([]byte("{"), limits, time.Time{}); err == nil {
		t.Error("took it")
	}
}
