package casefile

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// great is a project with very many approvals, in ten rows that wait for each other. Most are under way.
func great(tb testing.TB, items int) *play {
	tb.Helper()
	city := workshop(tb, func(c *directoryv1.CityConfig) {
		model := ct.Item(c, theItem)
		c.Catalogue.Items = nil
		for n := range items {
			i := proto.Clone(model).(*directoryv1.ApprovalItem)
			i.Code = fmt.Sprint("item-", n)
			if n >= items/10 {
				i.After = []string{fmt.Sprint("item-", n-items/10)}
				i.Needs = []string{fmt.Sprint("item-", n-1)}
			}
			c.Catalogue.Items = append(c.Catalogue.Items, i)
		}
		for _, m := range c.GetCatalogue().GetMaterials() {
			m.ResultOf = ""
		}
	})
	p := newPlay(tb, city, "2026-03-02 09:00").open().supply(ct.Form, ct.Drawings, ct.Survey, ct.Contract)
	for n := range items / 10 {
		p.submit(fmt.Sprint("item-", n)).accept(fmt.Sprint("item-", n))
	}
	for n := range items / 20 {
		p.approve(fmt.Sprint("item-", n))
	}
	return p
}

// BenchmarkReplan200 is what it costs to plan a project of 200 items anew: decided, and applied to the case.
func BenchmarkReplan200(b *testing.B) {
	p := great(b, 200)
	if len(p.c.Items) != 200 {
		b.Fatalf("%d items", len(p.c.Items))
	}
	ctx := p.context(theMember)
	b.Run("UpdateAnswers", func(b *testing.B) {
		answers := ct.Plant()
		for b.Loop() {
			answers.FloorArea++
			events, err := p.c.UpdateAnswers(ctx, answers)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := p.c.After(events...); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Plan", func(b *testing.B) {
		for b.Loop() {
			if s := p.c.Plan(p.city, p.now); len(s.Items) != 200 || s.Finish == 0 {
				b.Fatalf("%+v", s)
			}
		}
	})
	b.Run("Settle", func(b *testing.B) {
		for b.Loop() {
			if _, err := p.c.Settle(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Explain", func(b *testing.B) {
		for b.Loop() {
			if _, err := p.c.Explain(ctx, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ItemActions", func(b *testing.B) { // of all items, as a page of the case shows them
		for b.Loop() {
			for n := range p.c.Items {
				p.c.ItemActions(ctx, p.c.Items[n].Def.Code)
			}
		}
	})
}
