//go:build scenario

package standalone_test

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// TestAMonthOfDowntime lets two cities live through one month: one process is up and wakes at each deadline, the other is down and
// finds them all when it comes back. In the end their histories are the same, mark by mark and instant by instant.
func TestAMonthOfDowntime(t *testing.T) {
	const month = 31 * 24 * time.Hour
	up := movable.New(monday)
	b := boot(t, t.TempDir(), withDemo, onClock(up))
	paths := b.lives(up)
	for end := monday.Add(month); ; {
		b.idle()
		next, some, err := b.NextDue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if next = next.Add(time.Second); !some || next.After(end) {
			up.Set(end)
			b.idle()
			break
		}
		up.Set(next)
	}
	witnessed := b.histories(paths)
	shown := b.numbers()
	b.shut()

	down, data := movable.New(monday), t.TempDir()
	b = boot(t, data, withDemo, onClock(down))
	paths = b.lives(down)
	b.idle()
	b.shut()
	down.Set(monday.Add(month))
	b = boot(t, data, withDemo, onClock(down))
	b.idle()
	found := b.histories(paths)
	if difference := cmp.Diff(witnessed, found); difference != "" {
		t.Errorf("what was made up for after the month differs from what was witnessed:\n%s", difference)
	}
	if difference := cmp.Diff(shown, b.numbers()); difference != "" {
		t.Errorf("the boards differ:\n%s", difference)
	}
	if n := verify(t, data); n > 0 {
		t.Errorf("%d histories do not verify", n)
	}

	// By the city's files: the ticket that nobody ever signed should have been signed within 24 hours and answered by the close of
	// the fifth workday; each breach climbs at once and at the close of the 1st, 3rd and 5th workday after it.
	var rungs []string
	for _, line := range found[0] {
		if line.Type == "rung_reached" {
			rungs = append(rungs, line.Time.In(monday.Location()).Format("01-02 15:04:05"))
		}
	}
	want := []string{"11-24 09:15:00", "11-25 18:00:00", "11-27 18:00:00", "11-30 18:00:00", "12-01 18:00:00", "12-01 18:00:00", "12-03 18:00:00",
		"12-07 18:00:00"}
	if !slices.Equal(rungs, want) {
		t.Errorf("the ladder was climbed at %v, want %v", rungs, want)
	}
}

// lives begins lives that stop at every stage, and returns their paths.
func (b *booted) lives(clock *movable.Clock) (paths []string) {
	b.t.Helper()
	filer, holder := b.as("entrepreneur").text("accessToken"), b.as("attendant").text("accessToken")
	stages := []func(path string){
		func(string) {},
		func(path string) { b.want(holder, http.MethodPost, path+":sign", fields{}) },
		func(path string) {
			b.want(holder, http.MethodPost, path+":contact", fields{"channel": "PHONE", "note": "已联系"})
		},
		func(path string) {
			b.want(holder, http.MethodPost, path+":ask", fields{"question": "线路编号是什么？"})
		},
		func(path string) { b.want(filer, http.MethodPost, path+":reply", fields{"text": "03 线"}) },
		func(path string) {
			b.want(holder, http.MethodPost, path+":answer", fields{"outcome": "EXPLAINED", "text": "线路改造需要停电两天，已发公告，敬请谅解并妥善安排。"})
		},
		func(path string) {
			b.want(filer, http.MethodPost, path+":verify", fields{"contacted": true, "solved": false, "satisfied": "DISSATISFIED"})
		},
	}
	for last := range stages {
		path := "/v1/" + b.want(filer, http.MethodPost, city+"/tickets", fields{"title": "停电", "body": fmt.Sprint("第", last, "条线路停电。"),
			"category": "0302"}).text("name")
		paths = append(paths, path)
		b.idle() // routed
		for _, stage := range stages[:last+1] {
			stage(path)
		}
		clock.Advance(7 * time.Minute)
	}
	return paths
}

// line is an event without what differs from city to city.
type line struct {
	Version, Type, Text string
	Time                time.Time
}

// histories are what happened to each ticket.
func (b *booted) histories(paths []string) [][]line {
	b.t.Helper()
	office := b.as("mayor").text("accessToken")
	var out [][]line
	for _, path := range paths {
		var lines []line
		for _, e := range b.events(office, path) {
			lines = append(lines, line{e.text("version"), e.text("type"), e.text("text"), at(b.t, e.text("time"))})
		}
		out = append(out, lines)
	}
	return out
}

// numbers are the board's for the whole city, without the names in its filters.
func (b *booted) numbers() []string {
	b.t.Helper()
	var out []string
	var walk func(path string, value any)
	walk = func(path string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for name, inner := range v {
				if name != "filter" {
					walk(path+"/"+name, inner)
				}
			}
		case []any:
			for i, inner := range v {
				walk(fmt.Sprint(path, "/", i), inner)
			}
		default:
			out = append(out, fmt.Sprint(path, " = ", v))
		}
	}
	walk("", map[string]any(b.want(b.as("mayor").text("accessToken"), http.MethodGet, city+"/board", nil).in("total")))
	slices.Sort(out)
	return out
}

// TestTheSweeperIsOffForADay: nothing marks what is overdue, and the board shows it all the same, with a filter that lists it.
func TestTheSweeperIsOffForADay(t *testing.T) {
	const tickets = 10
	data, clock := t.TempDir(), movable.New(monday)
	b := boot(t, data, withDemo, onClock(clock))
	filer := b.as("entrepreneur").text("accessToken")
	var paths []string
	for i := range tickets {
		paths = append(paths, "/v1/"+b.want(filer, http.MethodPost, city+"/tickets", fields{"title": "停水", "body": fmt.Sprint("第", i, "车间停水。")}).text("name"))
	}
	b.idle()
	b.shut()
	setAside(t, data, 1)

	clock.Set(monday.Add(25 * time.Hour)) // an hour after all should have been signed, a workday before anything else is due
	b = boot(t, data, withDemo, onClock(clock))
	b.idle()
	office := b.as("mayor").text("accessToken")
	if n := b.count(office, paths[0], "clock_breached"); n > 0 {
		t.Fatal("the sweeper is not off")
	}
	b.wantOverdue(office, "sign", tickets)
	b.wantOverdue(office, "contact", 0)
	b.shut()

	setAside(t, data, 0)
	b = boot(t, data, withDemo, onClock(clock))
	b.idle()
	office = b.as("mayor").text("accessToken")
	b.wantOverdue(office, "sign", tickets)
	for _, path := range paths {
		var marks []time.Time
		for _, e := range b.events(office, path) {
			if e.text("type") == "clock_breached" {
				marks = append(marks, at(t, e.text("time")))
			}
		}
		if want := monday.Add(24 * time.Hour); len(marks) != 1 || !marks[0].Equal(want) {
			t.Errorf("marked at %v, want once at %v", marks, want)
		}
	}
	b.shut()
}

// setAside takes all deadlines from the sweeper, or gives them back. The process must be down.
func setAside(t *testing.T, data string, value int) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: "sqlite:" + filepath.Join(data, "hotline.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if n, err := db.SQLiteWriter().Exec(`UPDATE due SET set_aside = $1`, value); err != nil || n == 0 {
		t.Fatalf("%d deadlines taken: %v", n, err)
	}
}

// wantOverdue compares the board's number of overdue clocks of a kind with what there should be, and with what its filter lists.
func (b *booted) wantOverdue(office, kind string, want int) {
	b.t.Helper()
	for _, c := range b.want(office, http.MethodGet, city+"/board", nil).in("total")["clocks"].([]any) {
		counts := document(c.(map[string]any))
		if counts.text("kind") != kind {
			continue
		}
		overdue := counts.in("overdue")
		listed := b.want(office, http.MethodGet, city+"/tickets?pageSize=100&filter="+url.QueryEscape(overdue.text("filter")), nil)
		if got, _ := listed["tickets"].([]any); overdue.text("value") != fmt.Sprint(want) || len(got) != want {
			b.t.Errorf("overdue to %s: %s on the board, %d listed, want %d", kind, overdue.text("value"), len(got), want)
		}
		return
	}
	b.t.Errorf("the board has no %s clock", kind)
}
