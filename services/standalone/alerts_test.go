package standalone_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// rules is a file of Prometheus' rules.
type rules struct {
	Groups []struct {
		Rules []struct {
			Record, Alert, Expr string
			Labels, Annotations map[string]string
		}
	}
}

func readRules(t *testing.T, name string) rules {
	t.Helper()
	text, err := os.ReadFile(operating + "prometheus/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var r rules
	if err := yaml.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// promtool checks expressions. Where Prometheus is not installed what needs it is skipped, unless scripts/test says that it is there.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("THROUGHTRAIN_REQUIRE_PROMTOOL") != "" {
			t.Fatal(err)
		}
		t.Skip("promtool is not there: install Prometheus (Debian: prometheus)")
	}
	if out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args[:2], " "), err, out)
	}
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(operating + pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %v, %d files", pattern, err, len(found))
	}
	return found
}

func TestRulesDoWhatTheirTestsSay(t *testing.T) {
	promtool(t, append([]string{"check", "rules"}, files(t, "prometheus/*.rules.yml")...)...)
	promtool(t, append([]string{"test", "rules"}, files(t, "prometheus/*.test.yml")...)...)
}

// TestEveryAlertSaysWhatToDo in both languages, and fires in a test of the rules.
func TestEveryAlertSaysWhatToDo(t *testing.T) {
	tests := ""
	for _, file := range files(t, "prometheus/*.test.yml") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tests += string(text)
	}
	alerts := 0
	for _, g := range readRules(t, "alerts.rules.yml").Groups {
		for _, r := range g.Rules {
			alerts++
			for _, part := range []string{"含义：", "查看：", "处理："} {
				if strings.Count(r.Annotations["zh"], part) != 1 {
					t.Errorf("%s does not say in Chinese what it means, what to look at and what to do", r.Alert)
				}
			}
			for _, part := range []string{"Means: ", " Look at: ", " Do: "} {
				if strings.Count(r.Annotations["en"], part) != 1 {
					t.Errorf("%s does not say in English what it means, what to look at and what to do", r.Alert)
				}
			}
			if zh, en, both := strings.Cut(r.Annotations["summary"], " / "); !both || zh == "" || en == "" {
				t.Errorf("%s has no summary in both languages", r.Alert)
			}
			if s := r.Labels["severity"]; s != "page" && s != "ticket" {
				t.Errorf("%s has the severity %q", r.Alert, s)
			}
			if !strings.Contains(tests, `alertname="`+r.Alert+`"`) {
				t.Errorf("%s fires in no test", r.Alert)
			}
		}
	}
	if alerts < 15 {
		t.Errorf("only %d alerts", alerts)
	}
}

var (
	quoted   = regexp.MustCompile(`"[^"]*"`)
	selected = regexp.MustCompile(`\{[^}]*\}|\[[^\]]*\]`)
	grouped  = regexp.MustCompile(`\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)`)
	named    = regexp.MustCompile(`\b[a-zA-Z_][a-zA-Z0-9_:]*(\s*\()?`)
	words    = []string{"and", "or", "unless", "by", "bool", "offset", "inf", "nan"}
)

// metricsIn are the metrics that an expression asks for.
func metricsIn(expr string) (names []string) {
	for _, cut := range []*regexp.Regexp{quoted, selected, grouped} {
		expr = cut.ReplaceAllString(expr, " ")
	}
	for _, name := range named.FindAllString(expr, -1) {
		if !strings.HasSuffix(name, "(") && !slices.Contains(words, strings.ToLower(name)) {
			names = append(names, name)
		}
	}
	return names
}

func TestMetricsInAnExpression(t *testing.T) {
	got := metricsIn(`sum by (le, a) (rate(x_bucket{b="c or d"}[5m])) / on () group_left () y:z:p9 > 1 and on (q) (w offset 5m) or vector(0)`)
	if want := []string{"x_bucket", "y:z:p9", "w"}; !slices.Equal(got, want) {
		t.Errorf("metrics %v, want %v", got, want)
	}
}

// TestRulesAndDashboardsAskForWhatThereIs compares what they name with what a product registers.
func TestRulesAndDashboardsAskForWhatThereIs(t *testing.T) {
	there := watch(t).registered()
	for _, other := range []string{"up", "ALERTS", "process_start_time_seconds", "process_resident_memory_bytes", "process_cpu_seconds_total",
		"kube_cronjob_created", "kube_cronjob_status_last_successful_time", "node_systemd_timer_last_trigger_seconds", "node_systemd_unit_state"} { // of those who start backups
		there[other] = ""
	}
	text, err := os.ReadFile(operating + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range suitesOnly.FindAllStringSubmatch(string(text), -1) {
		there[m[1]] = "process"
	}
	exprs := map[string]string{}
	for _, file := range []string{"recording.rules.yml", "alerts.rules.yml"} {
		for _, g := range readRules(t, file).Groups {
			for _, r := range g.Rules {
				exprs[r.Record+r.Alert] = r.Expr
				if r.Record != "" {
					there[r.Record] = ""
				}
			}
		}
	}
	maps.Copy(exprs, dashboards(t))
	for where, expr := range exprs {
		names := metricsIn(expr)
		if len(names) == 0 && !strings.HasPrefix(expr, "vector(") {
			t.Errorf("%s asks for nothing: %s", where, expr)
		}
		for _, name := range names {
			_, ok := there[name]
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				if base, cut := strings.CutSuffix(name, suffix); cut && !ok {
					_, ok = there[base]
				}
			}
			if !ok {
				t.Errorf("%s asks for %s, which no product has", where, name)
			}
		}
	}
}

// TestReplicasAreNotAddedUp: these are asked of a database that all replicas of a process share.
func TestReplicasAreNotAddedUp(t *testing.T) {
	for where, expr := range dashboards(t) {
		for _, shared := range []string{"throughtrain_obligations_open", "throughtrain_sweep_set_aside", "throughtrain_feed_follower_set_aside", "throughtrain_sweep_overdue_seconds"} {
			if strings.Contains(expr, shared) && strings.Contains(expr, "sum") && !strings.Contains(expr, "max by (process") {
				t.Errorf("%s counts %s once for each replica: %s", where, shared, expr)
			}
		}
	}
}

// dashboards are the expressions of all panels, by dashboard and panel.
func dashboards(t *testing.T) map[string]string {
	t.Helper()
	exprs, uids := map[string]string{}, map[string]bool{}
	for _, file := range files(t, "grafana/*.json") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var board struct {
			UID, Title string
			Panels     []struct {
				Title      string
				Datasource struct{ UID string }
				Targets    []struct{ Expr string }
			}
		}
		if err := json.Unmarshal(text, &board); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if uids[board.UID] || board.UID == "" || !strings.Contains(board.Title, " / ") || len(board.Panels) < 8 {
			t.Errorf("%s: uid %q, title %q, %d panels", file, board.UID, board.Title, len(board.Panels))
		}
		uids[board.UID] = true
		for _, p := range board.Panels {
			if p.Title == "" || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 {
				t.Errorf("%s: panel %q cannot be shown", file, p.Title)
			}
			for i, target := range p.Targets {
				exprs[fmt.Sprintf("%s, %s %d", filepath.Base(file), p.Title, i)] = target.Expr
			}
		}
	}
	return exprs
}

// TestPanelsAreSoundPromQL has every expression parsed as a recording rule.
func TestPanelsAreSoundPromQL(t *testing.T) {
	type rule struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	type group struct {
		Name  string `yaml:"name"`
		Rules []rule `yaml:"rules"`
	}
	all := dashboards(t)
	g := group{Name: "panels"}
	for i, where := range slices.Sorted(maps.Keys(all)) {
		g.Rules = append(g.Rules, rule{fmt.Sprint("panel_", i), strings.ReplaceAll(all[where], "$__rate_interval", "5m")})
	}
	text, err := yaml.Marshal(map[string][]group{"groups": {g}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "panels.yml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", file)
}
