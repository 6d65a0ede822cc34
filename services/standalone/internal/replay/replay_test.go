package replay

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest"

	"github.com/throughtrain/throughtrain/services/hotline/recompute"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const deployedCalendars = "../../../../deploy/config/cities/410900/calendars"

// policy is what the city of the replay says, written down a second time.
var policy = recompute.Policy{Rungs: []int{0, 1, 3, 5}, Rules: []recompute.Rule{{Clock: "ANSWER", Limit: "5 workdays", Ladder: true}}}

// result is what a replay left behind.
type result struct {
	report    Report
	csv       string
	rows      [][]string // without the header
	histories []history
}

func replayed(t *testing.T, file, from string) result {
	t.Helper()
	var rows, histories bytes.Buffer
	report, err := Run(t.Context(), strings.NewReader(file), Options{From: at(from + " 00:00:00"), Calendars: deployedCalendars, Data: t.TempDir(), CSV: &rows,
		Histories: &histories, Log: zaptest.NewLogger(t, zaptest.Level(zapcore.ErrorLevel))})
	if err != nil {
		t.Fatal(err)
	}
	r := result{report: report, csv: rows.String()}
	if r.rows, err = csv.NewReader(&rows).ReadAll(); err != nil {
		t.Fatal(err)
	}
	if header := strings.Join(r.rows[0], ","); header != "id,filed_at,due_at,answered_at,outcome,escalations,provisional" {
		t.Errorf("the header is %s", header)
	}
	r.rows = r.rows[1:]
	for d := json.NewDecoder(&histories); d.More(); {
		var h history
		if err := d.Decode(&h); err != nil {
			t.Fatal(err)
		}
		r.histories = append(r.histories, h)
	}
	r.check(t)
	return r
}

// check decides every row anew from the events that the product exports.
func (r result) check(t *testing.T) {
	t.Helper()
	if len(r.histories) != len(r.rows) || r.report.Filed != len(r.rows) || r.report.GreatestLateness > 1 {
		t.Fatalf("%d rows, %d histories, %+v", len(r.rows), len(r.histories), r.report)
	}
	ends, err := time.Parse(time.RFC3339Nano, r.report.Ends)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range r.histories {
		var chain struct{ ChainVerified bool }
		if err := json.Unmarshal(h.Events, &chain); err != nil || !chain.ChainVerified {
			t.Fatalf("%s: the chain does not verify: %v", h.ID, err)
		}
		got, err := recompute.Recompute(h.Events, policy, ends)
		if err != nil || len(got.Clocks) != 1 {
			t.Fatalf("%s: %+v, %v", h.ID, got, err)
		}
		c := got.Clocks[0]
		row := r.rows[i]
		want := []string{h.ID, local(c.Start), local(c.Due), row[3], strings.ToLower(c.State), strconv.Itoa(len(c.Rungs)), strconv.FormatBool(c.Provisional)}
		if strings.Join(row, ",") != strings.Join(want, ",") || got.Rung != len(c.Rungs) {
			t.Errorf("the row is %v, recomputed %v", row, want)
		}
	}
}

// TestCorpus: what was worked out by hand, whatever a message is made of, twice with the same bytes.
func TestCorpus(t *testing.T) {
	file := corpus(t)
	r := replayed(t, file, "2024-01-01")
	byID := map[string][]string{}
	last := ""
	for _, row := range r.rows {
		byID[row[0]] = row
		if row[1] < last {
			t.Errorf("%s was filed before the row above it", row[0])
		}
		last = row[1]
	}
	for i, c := range cases {
		answered := ""
		if c.replied != "" {
			answered = local(at(max(c.replied, c.filed)))
		}
		id := "case-" + strconv.Itoa(i)
		want := []string{id, local(at(c.filed)), c.due + "T18:00:00+08:00", answered, c.outcome, strconv.Itoa(c.rungs), "false"}
		if got := byID[id]; strings.Join(got, ",") != strings.Join(want, ",") {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
	}
	if r.report.Filed != corpusSize || r.report.Answered != corpusSize-1 || r.report.Messages != corpusSize+3 || r.report.DeadlinesFired == 0 {
		t.Errorf("report %+v", r.report)
	}
	refused := map[string]string{}
	for _, f := range r.report.Refused {
		refused[f.ID] = f.What + " " + f.Reason
	}
	if len(refused) != 3 || refused["long-title"] == "" || refused["nul"] == "" || refused[""] != "line NOT_JSON" {
		t.Errorf("refused %+v", r.report.Refused)
	}
	if again := replayed(t, file, "2024-01-01"); again.csv != r.csv || again.report.DeadlinesFired != r.report.DeadlinesFired {
		t.Errorf("another replay gives other bytes, or %d deadlines for %d", again.report.DeadlinesFired, r.report.DeadlinesFired)
	}
}

// TestADeadlineComesFirst: a reply at the very instant at which a deadline fires comes after it, whoever is the faster.
func TestADeadlineComesFirst(t *testing.T) {
	due := at("2024-03-11 18:00:00")
	for after, first := range map[time.Duration]bool{grace - time.Microsecond: false, grace: true, grace + time.Microsecond: true} {
		if firesFirst(due.Add(grace), due.Add(after)) != first {
			t.Errorf("%v after a deadline it has fired: %v", after, !first)
		}
	}
	const messages = 12
	fired := func(replied string) uint64 {
		var file strings.Builder
		for i := range messages {
			id := strconv.Itoa(i)
			file.WriteString(messageLine(t, id, id, corpusCase{filed: "2024-03-04 09:00:00", replied: replied}))
		}
		return replayed(t, file.String(), "2024-01-01").report.DeadlinesFired
	}
	met, late := fired("2024-03-11 18:00:00"), fired("2024-03-11 18:00:01")
	if late != met+messages {
		t.Errorf("%d deadlines fired with the replies at them and %d with the replies at the instant they fire, want %d more", met, late, messages)
	}
}

// TestCorpusInTheProjectedYear: what touches 2027, and what lies between two official years.
func TestCorpusInTheProjectedYear(t *testing.T) {
	r := replayed(t, corpus(t), "2026-07-01")
	if r.report.Provisional == 0 || r.report.Provisional == r.report.Filed {
		t.Errorf("%d of %d are provisional", r.report.Provisional, r.report.Filed)
	}
}

// TestRealMessages: all that there are, and the answered ones twice with the same bytes; under the race detector some of them.
func TestRealMessages(t *testing.T) {
	folder := os.Getenv("THROUGHTRAIN_DATA")
	if folder == "" {
		t.Skip("set THROUGHTRAIN_DATA to the folder of the real messages")
	}
	if testing.Short() {
		t.Skip("takes minutes")
	}
	play := func(name string, times int) {
		file, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		text := string(file)
		if kittest.Race {
			text = strings.Join(strings.SplitAfterN(text, "\n", 41)[:40], "")
		}
		var first result
		for n := range times {
			r := replayed(t, text, "2024-01-01")
			if len(r.report.Refused) > 0 || r.report.Filed != strings.Count(text, "\n") {
				t.Errorf("%s: %d filed, refused %+v", name, r.report.Filed, r.report.Refused)
			}
			if n == 0 {
				first = r
			} else if r.csv != first.csv {
				t.Errorf("%s: another replay gives other bytes", name)
			}
			t.Logf("%s: %.1f s", name, r.report.Seconds)
		}
	}
	play("leader_messages.jsonl", 2)
	play("open_messages.jsonl", 1)
}
