package doctor

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorded is a reading of testdata/well.txt, recorded from a product that was well, an hour after its start, with some lines changed: a line takes the
// place of the one with the same series, and is added where there is none.
func recorded(t *testing.T, changed ...string) Reading {
	t.Helper()
	text, err := os.ReadFile("testdata/well.txt")
	if err != nil {
		t.Fatal(err)
	}
	r := Reading{Address: "127.0.0.1:8081", At: time.Unix(1_800_000_000, 0)}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	base := []string{"throughtrain_time_seconds 1.8e+09", "process_start_time_seconds 1.7999964e+09"}
	for _, line := range append(base, changed...) {
		series := line[:strings.LastIndex(line, " ")+1]
		at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, series) })
		if at < 0 {
			lines = append(lines, line)
		} else {
			lines[at] = line
		}
	}
	if err := r.parse(strings.NewReader(strings.Join(lines, "\n") + "\n")); err != nil {
		t.Fatal(err)
	}
	return r
}

const (
	web  = `throughtrain_http_request_duration_seconds_count{method="POST",process="gateway",route="/v1/{parent=cities/*}/tickets",status="%s"} %d`
	slow = `throughtrain_http_request_duration_seconds_bucket{method="POST",process="gateway",route="/v1/{parent=cities/*}/tickets",status="2xx",le="%s"} %d`
	rpc  = `throughtrain_rpc_server_duration_seconds_count{code="%s",method="CreateTicket",process="hotline",service="throughtrain.hotline.v1.TicketService"} %d`
)

func TestSituations(t *testing.T) {
	for name, c := range map[string]struct {
		before, now []string
		alerts      []string // of the findings, worst first; wrong ones with an exclamation mark
		says        []string
	}{
		"well": {},
		"a sweeper that has stopped": {now: []string{`throughtrain_sweep_overdue_seconds{process="hotline"} 2520`},
			alerts: []string{"DeadlinesLate!"}, says: []string{"hotline", "42 min", "最早的时限", "earliest deadline"}},
		"a sweeper that is a little late": {now: []string{`throughtrain_sweep_overdue_seconds{process="agency"} 7`}, alerts: []string{"DeadlinesLate"}},
		"a database that is silent is said once": {now: []string{`throughtrain_sweep_overdue_seconds{process="hotline"} NaN`,
			`throughtrain_change_outbox_age_seconds{process="hotline"} NaN`}, alerts: []string{"DatabaseSilent!"}},
		"set aside": {now: []string{`throughtrain_sweep_set_aside{process="hotline"} 2`}, alerts: []string{"DeadlinesSetAside!"}, says: []string{"2 个时限", "2 deadlines"}},
		"a disk nearly full, and a board behind": {now: []string{"throughtrain_disk_free_bytes 2.7e+10",
			`throughtrain_feed_follower_lag_seconds{consumer="board",process="hotline"} 9`, `throughtrain_feed_follower_lag_events{consumer="board",process="hotline"} 31`},
			alerts: []string{"BoardBehind!", "DiskFillsUp"}, says: []string{"9.0 s", "31 个事件", "10.0 %"}},
		"a full disk": {now: []string{"throughtrain_disk_free_bytes 1e+09"}, alerts: []string{"DiskFull!"}},
		"a service cut off from another": {before: []string{`throughtrain_feed_follower_failures_total{consumer="hotline",process="attendant"} 3`},
			now: []string{`throughtrain_feed_follower_lag_seconds{consumer="hotline",process="attendant"} 90`,
				`throughtrain_feed_follower_failures_total{consumer="hotline",process="attendant"} 5`},
			alerts: []string{"FollowerLags!", "FollowerLags"}, says: []string{"attendant", "90 s", "刚失败了 2 次"}},
		"a gap": {now: []string{`throughtrain_feed_follower_gaps_total{consumer="hotline",process="attendant"} 1`}, alerts: []string{"FeedGap!"},
			says: []string{"在 hotline 的事件流中遇到 1 次", "1 gaps in the feed of hotline"}},
		"a sequencer that has stopped": {now: []string{`throughtrain_change_outbox_age_seconds{process="hotline"} 40`}, alerts: []string{"OutboxWaits!"}},
		"a clock ahead":                {now: []string{"throughtrain_time_seconds 1.800000075e+09"}, alerts: []string{"ClocksApart!"}, says: []string{"75 s"}},
		"requests that fail": {before: []string{fmt.Sprintf(web, "2xx", 100), fmt.Sprintf(web, "5xx", 50)}, now: []string{fmt.Sprintf(web, "2xx", 115), fmt.Sprintf(web, "5xx", 53)},
			alerts: []string{"RequestsFail!"}, says: []string{"18 个请求中有 3 个", "3 of 18", "/v1/{parent=cities/*}/tickets"}},
		"one alone":                {before: []string{fmt.Sprintf(web, "5xx", 0)}, now: []string{fmt.Sprintf(web, "5xx", 1)}, alerts: []string{"RequestsFail"}},
		"what failed an hour ago":  {before: []string{fmt.Sprintf(web, "5xx", 60)}, now: []string{fmt.Sprintf(web, "5xx", 60)}},
		"refusals are no failures": {now: []string{fmt.Sprintf(web, "4xx", 15), fmt.Sprintf(rpc, "NotFound", 50)}},
		"calls that fail":          {now: []string{fmt.Sprintf(rpc, "Internal", 3)}, alerts: []string{"ServiceCallsFail!"}, says: []string{"hotline", "CreateTicket"}},
		"slow": {now: []string{fmt.Sprintf(web, "2xx", 103), fmt.Sprintf(slow, "2.048", 53), fmt.Sprintf(slow, "4.096", 90), fmt.Sprintf(slow, "8.192", 103), fmt.Sprintf(slow, "+Inf", 103)},
			alerts: []string{"RequestsSlow"}, says: []string{"4.1 s"}},
		"writes that fail": {before: []string{`throughtrain_change_commits_total{outcome="failed",process="hotline"} 4`}, now: []string{`throughtrain_change_commits_total{outcome="failed",process="hotline"} 9`},
			alerts: []string{"CommitsFail!"}, says: []string{"有 5 次提交"}},
		"started anew": {before: []string{`throughtrain_change_commits_total{outcome="failed",process="hotline"} 4`}, now: []string{`process_start_time_seconds 1.79999999e+09`},
			alerts: []string{"RestartsOften"}, says: []string{"10 s 前刚启动"}},
		"streams": {now: []string{`throughtrain_http_streams{process="gateway",service="hotline"} 4100`}, alerts: []string{"StreamsNearlyFull"}},
	} {
		t.Run(name, func(t *testing.T) {
			before, now := []Reading{recorded(t, c.before...)}, []Reading{recorded(t, append(c.before, c.now...)...)}
			findings := Assess(before, now)
			var got []string
			for _, f := range findings {
				if f.Severity == Wrong {
					f.Alert += "!"
				}
				got = append(got, f.Alert)
				if f.ZH == "" || f.EN == "" || f.Where == "" || strings.Contains(f.ZH+f.EN, "%!") {
					t.Errorf("said badly: %+v", f)
				}
			}
			if !slices.Equal(got, c.alerts) {
				t.Errorf("found %v, want %v: %+v", got, c.alerts, findings)
			}
			var screen bytes.Buffer
			Write(&screen, now[0].At, 10*time.Second, Summarise(before, now), findings)
			says := append(c.says, "在办义务 obligations 3", "2027-01-15 16:00:00")
			if len(c.alerts) == 0 {
				says = append(says, "一切正常", "nothing is wrong")
			}
			for _, word := range says {
				if !strings.Contains(screen.String(), word) {
					t.Errorf("the screen does not say %q:\n%s", word, screen.String())
				}
			}
		})
	}
}

// TestReplicasOweTheSame: each asks their one database, and it is counted once.
func TestReplicasOweTheSame(t *testing.T) {
	one := recorded(t)
	want := Summarise([]Reading{one}, []Reading{one})
	both := []Reading{one, recorded(t)}
	got := Summarise(both, both)
	if got.Open != want.Open || got.Overdue != want.Overdue || got.DueToday != want.DueToday || want.Open == 0 {
		t.Errorf("one replica: %+v, two: %+v", want, got)
	}
}

// TestTheScreenIsOne: however much is wrong, the worst is on it.
func TestTheScreenIsOne(t *testing.T) {
	var now []Reading
	for i := range 30 {
		now = append(now, Reading{Address: fmt.Sprint("127.0.0.1:", i), Err: errors.New("gone")})
	}
	var screen bytes.Buffer
	Write(&screen, time.Now(), time.Second, Summarise(now, now), Assess(now, now))
	if lines := strings.Count(screen.String(), "\n"); lines > 42 || !strings.Contains(screen.String(), "还有 14 项 / and 14 more") {
		t.Errorf("%d lines:\n%s", lines, screen.String())
	}
	if worst, found := Worst(Assess(now, now)); !found || worst != Wrong {
		t.Error("that is not the worst")
	}
	if s := Summarise(now, now); s.Down != 30 || s.Processes != 30 {
		t.Errorf("%+v", s)
	}
}

func TestReading(t *testing.T) {
	text, err := os.ReadFile("testdata/well.txt")
	if err != nil {
		t.Fatal(err)
	}
	metrics, readyStatus, readyBody := string(text), http.StatusOK, `{"status":"ok"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/readyz" {
			w.WriteHeader(readyStatus)
			_, _ = w.Write([]byte(readyBody))
			return
		}
		_, _ = w.Write([]byte(metrics))
	}))
	defer http.DefaultClient.CloseIdleConnections()
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	one := func() Reading { return Read(t.Context(), []string{address})[0] }
	if r := one(); r.Err != nil || len(r.Failing) > 0 || len(r.points("throughtrain_sweep_overdue_seconds")) != 3 || r.At.IsZero() {
		t.Errorf("well: %v %v", r.Err, r.Failing)
	}
	readyStatus, readyBody = http.StatusServiceUnavailable, `{"status":"not ready","failing":{"start":"not over yet"}}`
	r := one()
	if r.Failing["start"] != "not over yet" {
		t.Errorf("not ready: %v %v", r.Err, r.Failing)
	}
	if f := Assess([]Reading{r}, []Reading{r}); len(f) == 0 || f[0].Severity != Wrong || !strings.Contains(f[0].EN, "start: not over yet") {
		t.Errorf("not ready: %+v", f)
	}
	readyStatus, metrics = http.StatusOK, "go_goroutines 1\n"
	if r := one(); r.Err == nil || !strings.Contains(r.Err.Error(), "no admin address") {
		t.Errorf("another program: %v", r.Err)
	}
	metrics = "<html>"
	if r := one(); r.Err == nil {
		t.Error("a page was read as metrics")
	}
	readyStatus = http.StatusNotFound
	if r := one(); r.Err == nil || Answers([]Reading{r}) {
		t.Error("a server of something else")
	}
}

// TestFindingsNameAlertsThatThereAre: the runbook of each is in the file of alerts.
func TestFindingsNameAlertsThatThereAre(t *testing.T) {
	alerts, err := os.ReadFile("../../../../deploy/observe/prometheus/alerts.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`"([A-Z][a-z]+[A-Z][A-Za-z]+)"`)
	named := 0
	for _, file := range []string{"assess.go", "happening.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range form.FindAllStringSubmatch(string(source), -1) {
			if slices.Contains(ours, m[1]) {
				continue
			}
			named++
			if !strings.Contains(string(alerts), "alert: "+m[1]+"\n") {
				t.Errorf("%s is no alert", m[1])
			}
		}
	}
	if named < 12 {
		t.Errorf("only %d alerts are named", named)
	}
}
