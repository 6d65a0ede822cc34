package replay

import (
	"encoding/json"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
)

// filedAlone is the history of a ticket that was filed an hour ago, with what the product says of its clocks.
const filedAlone = `{"chainVerified":true,"events":[{"time":"2024-03-04T01:00:00Z","event":{"filed":{"urgency":"NORMAL","appealType":"help"},"clocks":[
	{"id":1,"kind":"DISPATCH","cycle":1,"state":"RUNNING","start":"2024-03-04T01:00:00Z","due":"2024-03-05T01:00:00Z"},
	{"id":2,"kind":"CONTACT","cycle":1,"state":"RUNNING","start":"2024-03-04T01:00:00Z","due":"2024-03-05T10:00:00Z"},
	{"id":3,"kind":"ANSWER","cycle":1,"state":"RUNNING","start":"2024-03-04T01:00:00Z","due":"2024-03-11T10:00:00Z"}]}}]}`

// TestADifferenceIsFound: whatever the product says otherwise than its history comes to, fails the replay.
func TestADifferenceIsFound(t *testing.T) {
	d := &detours{play: &play{product: &product{clock: movable.New(at("2024-03-04 10:00:00"))}}}
	told := func() *played {
		p := &played{id: "x", raw: json.RawMessage(filedAlone)}
		p.sight.Name, p.sight.State = city+"/tickets/x", filed
		if err := p.unfold(); err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := told(); p.sound() != nil || d.recomputed([]*played{p}) != nil {
		t.Fatalf("nothing differs: %v, %v", p.sound(), d.recomputed([]*played{p}))
	}
	for name, change := range map[string]func(*played){
		"a due time":  func(p *played) { p.clocks[2].Due = p.clocks[2].Due.Add(1) },
		"a state":     func(p *played) { p.clocks[0].State = "MET" },
		"a rung":      func(p *played) { p.sight.Rung = 1 },
		"a clock":     func(p *played) { p.clocks = p.clocks[:2] },
		"provisional": func(p *played) { p.clocks[1].Provisional = true },
	} {
		p := told()
		change(p)
		if d.recomputed([]*played{p}) == nil {
			t.Errorf("%s is told otherwise, and nobody says so", name)
		}
	}
	p := told()
	p.sight.State = closed
	if p.sound() == nil {
		t.Error("it is closed and owes three clocks, and nobody says so")
	}
	p = told()
	p.verified = false
	if p.sound() == nil {
		t.Error("its chain does not verify, and nobody says so")
	}
}
