package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

const calendars = "../../../../deploy/config/cities/410900/calendars"

func TestUsage(t *testing.T) {
	folder := t.TempDir()
	file := write(t, filepath.Join(folder, "messages.jsonl"), "{}\n")
	out := filepath.Join(folder, "out.csv")
	write(t, filepath.Join(folder, "full", "something"), "")
	for name, args := range map[string][]string{
		"nothing":           {},
		"no CSV":            {file},
		"no such file":      {filepath.Join(folder, "nowhere.jsonl"), "--csv", out},
		"a folder":          {folder, "--csv", out},
		"no such flag":      {file, "--csv", out, "--fast"},
		"no day":            {file, "--csv", out, "--from", "2024-13-01"},
		"no seed":           {file, "--csv", out, "--detours", "x"},
		"a day long ago":    {file, "--csv", out, "--from", "1066-10-14"},
		"nowhere to write":  {file, "--csv", filepath.Join(folder, "nowhere", "out.csv")},
		"data of another":   {file, "--csv", out, "--data", filepath.Join(folder, "full")},
		"report to nowhere": {file, "--csv", out, "--report", filepath.Join(folder, "nowhere", "report.json")},
	} {
		var stdout, stderr strings.Builder
		if status := run(append(args, "--calendars", calendars), &stdout, &stderr); status != exitUsage || stdout.Len() > 0 || !strings.Contains(stderr.String(), "usage:") {
			t.Errorf("%s: status %d, %s%s", name, status, stdout.String(), stderr.String())
		}
	}
	if left, err := filepath.Glob(filepath.Join(folder, "*.csv")); err != nil || len(left) > 0 {
		t.Errorf("left behind %v, %v", left, err)
	}
	var stdout, stderr strings.Builder
	if status := run([]string{"--help"}, &stdout, &stderr); status != 0 || !strings.Contains(stdout.String(), "364 days") {
		t.Errorf("help: status %d, %s%s", status, stdout.String(), stderr.String())
	}
}

func TestStatusAndFiles(t *testing.T) {
	folder := t.TempDir()
	good := `{"id":"1","user":"u","title":"t","body":"b","filed_at":"2019-04-25T09:32:09+08:00","reply":"r","replied_at":"2019-05-10T14:56:53+08:00"}` + "\n"
	path := func(name string) string { return filepath.Join(folder, name) }
	args := []string{write(t, path("good.jsonl"), good), "--csv", path("out.csv"), "--report", path("report.json"), "--events", path("events.jsonl"),
		"--data", path("data"), "--calendars", calendars}
	var stdout, stderr strings.Builder
	if status := run(args, &stdout, &stderr); status != exitFiled {
		t.Fatalf("status %d: %s", status, stderr.String())
	}
	const want = "id,filed_at,due_at,answered_at,outcome,escalations,provisional\n" +
		"1,2024-04-18T09:32:09+08:00,2024-04-25T18:00:00+08:00,2024-05-03T14:56:53+08:00,breached,3,false\n"
	if got := read(t, path("out.csv")); got != want {
		t.Errorf("wrote\n%s", got)
	}
	var report struct{ Filed int }
	if text := read(t, path("report.json")); text != stdout.String() || json.Unmarshal([]byte(text), &report) != nil || report.Filed != 1 {
		t.Errorf("reported %s", text)
	}
	if got := read(t, path("events.jsonl")); strings.Count(got, "\n") != 1 {
		t.Errorf("exported %s", got)
	}
	args = []string{write(t, path("bad.jsonl"), good+"{\n"), "--csv", path("out.csv"), "--calendars", calendars}
	if status := run(args, &stdout, &stderr); status != exitRefused || read(t, path("out.csv")) != want {
		t.Errorf("status %d: %s", status, stderr.String())
	}
}

func TestDetours(t *testing.T) {
	if kittest.Race {
		t.Skip("walked without the race detector")
	}
	folder := t.TempDir()
	good := `{"id":"1","user":"u","title":"t","body":"b","filed_at":"2019-04-25T09:32:09+08:00","reply":"r","replied_at":"2019-05-10T14:56:53+08:00"}` + "\n"
	out := filepath.Join(folder, "out.csv")
	var stdout, stderr strings.Builder
	args := []string{write(t, filepath.Join(folder, "good.jsonl"), good), "--csv", out, "--detours", "7", "--calendars", calendars}
	if status := run(args, &stdout, &stderr); status != exitFiled {
		t.Fatalf("status %d: %s", status, stderr.String())
	}
	var report struct {
		Detours struct {
			Seed  int
			Verbs map[string]int
			Edges []struct{ Verb string }
		}
	}
	if err := json.Unmarshal([]byte(stdout.String()), &report); err != nil || report.Detours.Seed != 7 || len(report.Detours.Verbs) < 10 || len(report.Detours.Edges) < 10 {
		t.Errorf("reported %s", stdout.String())
	}
	if rows := read(t, out); !strings.HasPrefix(rows, "id,filed_at,due_at,answered_at,outcome,escalations,provisional,state,") || !strings.Contains(rows, "\n1,2024-04-18T09:32:09+08:00,") {
		t.Errorf("wrote\n%s", rows)
	}
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
