//go:build scenario

package replay

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest"
)

// someMessages is how many real messages are walked with.
const someMessages = 60

// wandered replays a file with detours. That everything comes out as recomputed, replay itself sees to.
func wandered(t *testing.T, file string, seed int64, shapes ...func(*Options)) (Report, string) {
	t.Helper()
	var rows bytes.Buffer
	o := Options{From: at("2024-01-01 00:00:00"), Calendars: deployedCalendars, Data: t.TempDir(), CSV: &rows,
		Log: zaptest.NewLogger(t, zaptest.Level(zapcore.ErrorLevel)), Detours: &seed}
	for _, shape := range shapes {
		shape(&o)
	}
	report, err := Run(t.Context(), strings.NewReader(file), o)
	if err != nil {
		t.Fatal(err)
	}
	d := report.Detours
	t.Logf("seed %d: %d messages, %d tickets, %d events, %d clocks, %d merged, %d edges, %.1f s (%.1f s to settle)\nverbs %v\nrefused %v\ndecided %v\noutcomes %v", seed, report.Messages,
		d.Tickets, d.Events, d.Clocks, d.Merged, len(d.Edges), report.Seconds, report.SettleSeconds, d.Verbs, d.Refusals, d.Decisions, d.Outcomes)
	for _, e := range d.Missing {
		t.Errorf("seed %d never drove %s", seed, e)
	}
	for _, e := range d.Edges {
		if why := unreachable(edge{Verb: e.Verb, From: e.From, To: e.To}); why != "" {
			t.Errorf("%+v was driven, and cannot be: %s", e, why)
		}
	}
	return report, rows.String()
}

// varied holds walks together to every decision and every outcome of every clock: each on its own leaves some of it to chance.
func varied(t *testing.T, walks ...Report) {
	t.Helper()
	seen := map[string]int{}
	for _, w := range walks {
		for _, counts := range []map[string]int{w.Detours.Decisions, w.Detours.Outcomes} {
			for what, n := range counts {
				seen[what] += n
			}
		}
	}
	wanted := []string{"return granted", "return refused", "return overtaken", "extension granted", "extension refused", "extension overtaken"}
	for _, kind := range clockKinds {
		wanted = append(wanted, kind+" MET", kind+" BREACHED")
	}
	for _, what := range wanted {
		if seen[what] == 0 {
			t.Errorf("no %s: %v", what, seen)
		}
	}
}

// TestDetours: every edge of the process, by two seeds; the same file and seed give the same bytes, in one process on files as on the suite's ways.
func TestDetours(t *testing.T) {
	file := corpus(t)
	first, rows := wandered(t, file, 2)
	if first.Filed != corpusSize || len(first.Refused) != 3 || first.GreatestLateness > 1 {
		t.Errorf("report %+v", first)
	}
	again, sameRows := wandered(t, file, 2, suitesWays(t))
	if rows != sameRows || fmt.Sprint(first.Detours) != fmt.Sprint(again.Detours) {
		t.Error("the same file and seed give other bytes")
	}
	other, otherRows := wandered(t, file, 4)
	if otherRows == rows {
		t.Error("another seed gives the same bytes")
	}
	varied(t, first, other)
	records, err := csv.NewReader(strings.NewReader(rows)).ReadAll()
	if err != nil || len(records) != first.Detours.Tickets+1 {
		t.Errorf("%d rows, %v", len(records), err)
	}
}

// TestDetoursOfRealMessages: every edge once more.
func TestDetoursOfRealMessages(t *testing.T) {
	folder := os.Getenv("THROUGHTRAIN_DATA")
	if folder == "" {
		t.Skip("set THROUGHTRAIN_DATA to the folder of the real messages")
	}
	file, err := os.ReadFile(filepath.Join(folder, "leader_messages.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfterN(string(file), "\n", someMessages+1)
	report, _ := wandered(t, strings.Join(lines[:someMessages], ""), 3)
	if report.Filed != someMessages || len(report.Refused) > 0 {
		t.Errorf("report %+v", report)
	}
}
