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

// long returns a ticket in progress with a long history: so many orders, each signed and done.
func long(tb testing.TB, orders int) *play {
	tb.Helper()
	p := newPlay(tb, pt.City(tb), "2026-03-02 09:00").file().dispatch().sign()
	for i := range orders {
		p.take(p.t.CreateOrder(p.context(theDesk), OrderInput{Unit: pt.Water, Message: ticketID}))
		p.take(p.t.SignOrder(p.context(waterClerk), i+1)).take(p.t.FinishOrder(p.context(waterClerk), i+1, ticketID))
	}
	return p
}

// BenchmarkDecideLong is what an answer, and a signature of an order, cost a ticket with fifty orders behind it.
func BenchmarkDecideLong(b *testing.B) {
	p := long(b, 50)
	b.Run("answer", func(b *testing.B) {
		c := p.context(theHolder)
		for b.Loop() {
			if _, err := p.t.Answer(c, AnswerInput{Outcome: Solved, Message: "m"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	p.take(p.t.CreateOrder(p.context(theDesk), OrderInput{Unit: pt.Water, Message: ticketID}))
	b.Run("sign order", func(b *testing.B) {
		c := p.context(waterClerk)
		for b.Loop() {
			if _, err := p.t.SignOrder(c, 51); err != nil {
				b.Fatal(err)
			}
		}
	})
}
