package standalone_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// operating is where what operators are given lies.
const operating = "../../deploy/observe/"

// registered are the metrics of a booted product with their labels, as the table says them.
func (w *watched) registered() map[string]string {
	w.t.Helper()
	descs := make(chan *prometheus.Desc)
	go func() { w.metrics.Describe(descs); close(descs) }()
	form := regexp.MustCompile(`fqName: "([^"]+)".*constLabels: \{([^}]*)\}, variableLabels: \{([^}]*)\}`)
	out := map[string]string{}
	for desc := range descs {
		m := form.FindStringSubmatch(desc.String())
		if m == nil {
			w.t.Fatalf("a metric is described in another form: %s", desc)
		}
		if !strings.HasPrefix(m[1], "throughtrain_") {
			continue // of every Go process
		}
		var labels []string
		for _, label := range append(strings.Split(m[2], ","), strings.Split(m[3], ",")...) {
			if name, _, _ := strings.Cut(label, "="); name != "" && !slices.Contains(labels, name) {
				labels = append(labels, name)
			}
		}
		slices.Sort(labels)
		out[m[1]] = strings.Join(labels, ", ")
	}
	return out
}

// suitesOnly finds the metrics that the table gives to processes with Redis or with PostgreSQL only.
var suitesOnly = regexp.MustCompile("(?m)^\\| `(throughtrain_[a-z_]+)` \\| [a-z]+ \\|[a-z_, ]*\\| with (?:Redis|PostgreSQL) only: ")

// TestTheTableOfMetricsIsTrue compares the document with what a product registers.
func TestTheTableOfMetricsIsTrue(t *testing.T) {
	w := watch(t)
	text, err := os.ReadFile(operating + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `(throughtrain_[a-z_]+)` \\| ([a-z]+) \\|([a-z_, ]*)\\|")
	said := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		said[m[1]] = strings.TrimSpace(m[3])
	}
	registered := w.registered()
	// A product on files registers none of what only the suite has.
	for _, m := range suitesOnly.FindAllStringSubmatch(string(text), -1) {
		if _, ok := registered[m[1]]; ok {
			t.Errorf("%s is registered on files", m[1])
		}
		delete(said, m[1])
	}
	for name, labels := range registered {
		if has, ok := said[name]; !ok {
			t.Errorf("%s {%s} is not in the table", name, labels)
		} else if has != labels {
			t.Errorf("the table gives %s the labels %q, it has %q", name, has, labels)
		}
	}
	for name := range said {
		if _, ok := registered[name]; !ok {
			t.Errorf("the table has %s, which no product registers", name)
		}
	}
	families, err := w.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		want := "| `" + f.GetName() + "` | " + strings.ToLower(f.GetType().String()) + " |"
		if strings.HasPrefix(f.GetName(), "throughtrain_") && !strings.Contains(string(text), want) {
			t.Errorf("the table does not say that %s is a %s", f.GetName(), f.GetType())
		}
	}
}
