package standalone_test

import (
	"net/http"
	"path"
	"testing"
)

// TestHandOverReachesTheTickets hands an attendant's work over, over the wire, and follows it through both services: the tickets change
// hands, what is carried follows, and what is handed to the desk is the desk's.
func TestHandOverReachesTheTickets(t *testing.T) {
	b := boot(t, t.TempDir(), withDemo)
	filer, old, next, supervisor := b.as("entrepreneur"), b.as("attendant"), b.as("attendant2"), b.as("supervisor")
	file := func() string {
		return b.want(filer.text("accessToken"), http.MethodPost, city+"/tickets",
			fields{"title": "停水", "body": "厂区停水。", "enterprise": filer["enterprises"].([]any)[0]}).text("name")
	}
	first, second := file(), file()
	b.idle()
	from := path.Base(old.text("person"))
	ask := func(more fields) document {
		body := fields{"target": "OFFICIAL", "to": next.text("person"), "note": "调岗"}
		for k, v := range more {
			body[k] = v
		}
		return b.want(supervisor.text("accessToken"), http.MethodPost, city+"/officials/"+from+":handOver", body)
	}
	if list := ask(fields{"validateOnly": true}); len(list["tickets"].([]any)) != 2 || len(list["bindings"].([]any)) == 0 {
		t.Fatalf("the open work: %v", list)
	}
	ask(fields{"tickets": []string{first}})
	ask(fields{"tickets": []string{second}, "target": "DESK", "to": ""})
	b.idle()
	b.want(next.text("accessToken"), http.MethodPost, "/v1/"+first+":sign", fields{})
	mayor := b.as("mayor").text("accessToken")
	if got := b.want(mayor, http.MethodGet, "/v1/"+second, nil); got.text("state") != "FILED" {
		t.Errorf("handed to the desk: %v", got)
	}
	for person, want := range map[string]float64{old.text("person"): 0, next.text("person"): 1} {
		load, _ := b.want(mayor, http.MethodGet, city+"/officials/"+path.Base(person)+"/presence", nil)["load"].(float64)
		if load != want {
			t.Errorf("%s carries %v, want %v", person, load, want)
		}
	}
	coverage := b.want(mayor, http.MethodGet, city+"/coverage", nil)
	if coverage["enterprises"] == nil || coverage["enterprisesCovered"] == nil {
		t.Errorf("coverage: %v", coverage)
	}
}
