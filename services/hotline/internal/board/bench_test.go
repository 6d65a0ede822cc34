package board

import (
	"fmt"
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
)

// BenchmarkView is what summing and writing the board of a large city costs once its cells are read: 60 units, 120 categories, 250 attendants, 900 pairs.
func BenchmarkView(b *testing.B) {
	city := policytest.City(b)
	fill := func(r *reading) (cells int) {
		add := func(d Dimension, value string) {
			for _, m := range []Measure{Open, Filed, Closed, ReturnRequested, AtRisk, Due(ticket.KindAnswer), Met(ticket.KindAnswer), Breached(ticket.KindAnswer)} {
				for day := range 3 {
					r.add(Cell{Day: 20260301 + day, Measure: m, Dimension: d, Value: value}, 7)
					cells++
				}
			}
		}
		add(ByCity, "")
		for i := range 900 {
			add(ByUnitCategory, fmt.Sprintf("u%d/c%d", i%60, i))
		}
		for i := range 250 {
			add(ByAttendant, fmt.Sprint("a", i))
		}
		for i := range 120 {
			add(ByCategory, fmt.Sprint("c", i))
		}
		for i := range 60 {
			add(ByUnit, fmt.Sprint("u", i))
		}
		return cells
	}
	for name, want := range map[string]Want{"all": {}, "units": {Sections: map[string]bool{"units": true}}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := newReading(city, Viewer{All: true, Restricted: true}, Period{From: 20260301, To: 20260331}, policytest.At("2026-03-20 10:00"))
				r.want = want
				b.ReportMetric(float64(fill(r)), "cells")
				if v := r.view(); len(v.Units) != 60 {
					b.Fatal(len(v.Units))
				}
			}
		})
	}
}
