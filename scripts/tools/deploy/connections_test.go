package deploy

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// TestConnectionsAddUp: what all replicas may ask one PostgreSQL for, at 16 each, stays a fifth below what it gives.
func TestConnectionsAddUp(t *testing.T) {
	const pool = 16
	project := compose(t, "suite.yaml", "https://sms.example/send")
	all := 0
	for _, name := range []string{"directory", "hotline", "attendant", "agency"} {
		all += pool * *project.Services[name].Deploy.Replicas
	}
	most, err := strconv.Atoi(strings.TrimPrefix(project.Services["postgres"].Command[2], "max_connections="))
	if err != nil || all > most*4/5 {
		t.Errorf("Compose asks for %d connections of %d: %v", all, most, err)
	}
	var values struct {
		Processes map[string]struct{ MaxReplicas int }
	}
	text := read(t, "deploy/helm/throughtrain/values.yaml")
	if err := yaml.Unmarshal([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	all = 0
	for name, p := range values.Processes {
		if name != "gateway" {
			all += pool * p.MaxReplicas
		}
	}
	for file, text := range map[string]string{"values.yaml": text, "RUNBOOK.md": read(t, "deploy/RUNBOOK.md")} {
		if !regexp.MustCompile(fmt.Sprintf(`\b%d\b`, all)).MatchString(text) {
			t.Errorf("%s does not say that the chart asks for %d connections", file, all)
		}
	}
}
