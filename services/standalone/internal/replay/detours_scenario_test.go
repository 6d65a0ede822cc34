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
func wandered(t *testing.T, file string, seed int64) (Report, string) {
	t.Helper()
	var rows bytes.Buffer
	report, err := Run(t.Context(), strings.NewReader(file), Options{From: at("2024-01-01 00:00:00"), Calendars: deployedCalendars, Data: t.TempDir(), CSV: &rows,
		Log: zaptest.NewLogger(t, zaptest.Level(zapcore.ErrorLevel)), Detours: &seed})
	if err != nil {
		t.Fatal(err)
	}
	d := report.Detours
	t.Logf("seed %d: %d messages, %d tickets, %d events, %d clocks, %d merged, %d edges, %.1f s (%.1f s to settle)\nverbs %v\nrefused %v\ndecided %v\noutcomes %v", seed, report.Messages,
		d.Tickets, d.Events, d.Clocks, d.Merged, len(d.Edges), report.Seconds, report.SettleSeconds, d.Verbs, d.Refusals, d.Decisions, d.Outcomes)
	for _, e := range d.Missing {
		t.Errorf("seed %d never drove %s", seed, e)
	}
	for _, must := range []string{"return granted", "return refused", "return overtaken", "extension granted", "extension refused", "extension overtaken"} {
		if d.Decisions[must] == 0 {
			t.Errorf("seed %d: no %s", seed, must)
		}
	}
	for _, kind := range clockKinds {
		if d.Outcomes[kind+" MET"] == 0 || d.Outcomes[kind+" BREACHED"] == 0 {
			t.Errorf("seed %d: no %s was met, or none breached: %v", seed, kind, d.Outcomes)
		}
	}
	for _, e := range d.Edges {
		if why := unreachable(edge{Verb: e.Verb, From: e.From, To: e.To}); why != "" {
			t.Errorf("%+v was driven, and cannot be: %s", e, why)
		}
	}
	return report, rows.String()
}

// TestDetours: every edge of the process, by two seeds; the same file and seed give the same bytes.
func TestDetours(t *testing.T) {
	file := corpus(t)
	first, rows := wandered(t, file, 1)
	if first.Filed != corpusSize || len(first.Refused) != 3 || first.GreatestLateness > 1 {
		t.Errorf("report %+v", first)
	}
	again, sameRows := wandered(t, file, 1)
	if rows != sameRows || fmt.Sprint(first.Detours) != fmt.Sprint(again.Detours) {
		t.Error("the same file and seed give other bytes")
	}
	if _, otherRows := wandered(t, file, 2); otherRows == rows {
		t.Error("another seed gives the same bytes")
	}
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
