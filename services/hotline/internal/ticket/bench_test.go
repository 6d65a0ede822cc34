package ticket

import (
	"encoding/json"
	"testing"

	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
)

// BenchmarkFile is everything a filing costs before it is stored, but for the sealing.
func BenchmarkFile(b *testing.B) {
	c := Context{Now: pt.At("2026-03-02 09:00"), Actor: theFiler, City: pt.City(b)}
	for b.Loop() {
		events, err := File(c, filing())
		if err != nil {
			b.Fatal(err)
		}
		t, err := Fold(pt.Code, ticketID, events)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := json.Marshal(t); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSettle is what a sweep costs a ticket to which nothing happens.
func BenchmarkSettle(b *testing.B) {
	p := newPlay(b, pt.City(b), "2026-03-02 09:00").file().dispatch().sign()
	c := p.context(Clockwork)
	for b.Loop() {
		if _, err := p.t.Settle(c); err != nil {
			b.Fatal(err)
		}
	}
}
