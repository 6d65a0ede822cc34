//go:build scenario

package replay

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest"

	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
)

// suitesWays keeps the record on PostgreSQL and has events come through Redis, as the suite does.
func suitesWays(t *testing.T) func(*Options) {
	return func(o *Options) {
		client, err := redisdb.Open(redisdb.Config{URL: kittest.Redis(t).URL()}, redisdb.Deps{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := client.Close(); err != nil {
				t.Error(err)
			}
		})
		databases := map[string]string{}
		o.Redis, o.Database = client, func(service string) string {
			if databases[service] == "" {
				databases[service] = kittest.Postgres(t)
			}
			return databases[service]
		}
	}
}

// TestTheSuitesWaysGiveTheSame: every message comes to the same end at the same time, and as many deadlines fire, as in one process on files.
// The ways that are not straight are compared in TestDetours.
func TestTheSuitesWaysGiveTheSame(t *testing.T) {
	file := corpus(t)
	if folder := os.Getenv("THROUGHTRAIN_DATA"); folder != "" {
		messages, err := os.ReadFile(filepath.Join(folder, "leader_messages.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		file = strings.Join(strings.SplitAfterN(string(messages), "\n", someMessages+1)[:someMessages], "") + file
	}
	play := func(shapes ...func(*Options)) (Report, string) {
		var rows bytes.Buffer
		o := Options{From: at("2024-01-01 00:00:00"), Calendars: deployedCalendars, Data: t.TempDir(), CSV: &rows,
			Log: zaptest.NewLogger(t, zaptest.Level(zapcore.ErrorLevel))}
		for _, shape := range shapes {
			shape(&o)
		}
		report, err := Run(t.Context(), strings.NewReader(file), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d messages in %.1f s", report.Messages, report.Seconds)
		return report, rows.String()
	}
	alone, want := play()
	suite, got := play(suitesWays(t))
	if got != want {
		t.Errorf("one process on files writes\n%s\nand the suite's ways\n%s", want, got)
	}
	if suite.Filed != alone.Filed || suite.Answered != alone.Answered || suite.DeadlinesFired != alone.DeadlinesFired || len(suite.Refused) != len(alone.Refused) {
		t.Errorf("one process on files reports %+v, and the suite's ways %+v", alone, suite)
	}
}
