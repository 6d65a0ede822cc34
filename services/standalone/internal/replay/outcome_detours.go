package replay

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// clockKinds are the kinds of clock, in the order of their columns.
var clockKinds = []string{"DISPATCH", "SIGN", "CONTACT", "ANSWER", "VERIFY", "ORDER_SIGN", "HANDLE", "RETURN", "EXTENSION", "DIALOGUE"}

// finish reads everything back, holds it against a recomputation, and writes it down.
func (d *detours) finish(ctx context.Context, report *Report, o Options) error {
	all, err := d.readBack(ctx)
	if err != nil {
		return err
	}
	if err := report.lateness(d.lateness, d.registry); err != nil {
		return err
	}
	d.report(report, all)
	if err := writeDetours(o.CSV, all); err != nil {
		return err
	}
	if o.Histories != nil {
		lines := make([]history, len(all))
		for i, p := range all {
			lines[i] = history{ID: p.id, Ticket: p.sight.Name, Events: p.raw}
		}
		if err := writeHistories(o.Histories, lines); err != nil {
			return err
		}
	}
	return d.audit(ctx, all)
}

// report counts.
func (d *detours) report(r *Report, all []*played) {
	r.Clocks, r.Rungs = map[string]Count{}, map[string]int{}
	out := &Detours{Seed: d.seed, Tickets: len(all), Verbs: d.verbs, Refusals: d.refusals, Edges: []EdgeCount{}, Missing: []string{},
		Decisions: map[string]int{}, Outcomes: map[string]int{}}
	taken := map[edge]int{}
	for _, p := range all {
		if !strings.Contains(p.id, "+") {
			r.Filed++
		}
		out.Events += len(p.events)
		out.Clocks += len(p.clocks)
		for _, c := range p.clocks {
			out.Outcomes[c.Kind+" "+c.State]++
		}
		for _, r := range p.sight.ReturnRequests {
			out.Decisions["return "+r.Decision]++
		}
		for _, x := range p.sight.ExtensionRequests {
			out.Decisions["extension "+x.Decision]++
		}
		if p.sight.MergedInto != "" {
			out.Merged++
		}
		if p.sight.AnswerTime != nil {
			r.Answered++
		}
		for rung := 1; rung <= p.sight.Rung; rung++ {
			r.Rungs[strconv.Itoa(rung)]++
		}
		for _, kind := range clockKinds {
			met, breached := p.outcomes(kind)
			c := r.Clocks[kind]
			r.Clocks[kind] = Count{c.Met + met, c.Breached + breached}
		}
		if slices.ContainsFunc(p.clocks, func(c clockChange) bool { return c.Provisional }) {
			r.Provisional++
		}
		for _, e := range edgesOf(p.events) {
			taken[e]++
		}
	}
	for e, n := range taken {
		out.Edges = append(out.Edges, EdgeCount{e.Verb, e.From, e.To, n})
	}
	slices.SortFunc(out.Edges, func(a, b EdgeCount) int {
		return compareEdges(edge{Verb: a.Verb, From: a.From, To: a.To}, edge{Verb: b.Verb, From: b.From, To: b.To})
	})
	for _, e := range driven() {
		if taken[e] == 0 {
			out.Missing = append(out.Missing, fmt.Sprintf("%s: %s → %s", e.Verb, e.From, e.To))
		}
	}
	r.Detours = out
}

// outcomes counts the clocks of a kind that were met and breached.
func (p *played) outcomes(kind string) (met, breached int) {
	for _, c := range p.clocks {
		switch {
		case c.Kind != kind:
		case c.State == "MET":
			met++
		case c.State == "BREACHED", c.State == "DISPUTED":
			breached++
		}
	}
	return met, breached
}

// writeDetours writes a row per ticket: the columns of the straight way, of the last cycle's answer, and how it went.
func writeDetours(to io.Writer, all []*played) error {
	out := csv.NewWriter(to)
	header := []string{"id", "filed_at", "due_at", "answered_at", "outcome", "escalations", "provisional",
		"state", "close_reason", "cycle", "confidential", "merged_into", "returns", "returns_granted", "extensions", "extensions_granted",
		"orders", "dialogues", "directives", "events"}
	for _, kind := range clockKinds {
		header = append(header, strings.ToLower(kind)+"_met", strings.ToLower(kind)+"_breached")
	}
	records := [][]string{header}
	ids := map[string]string{}
	for _, p := range all {
		ids[p.sight.Name] = p.id
	}
	for _, p := range all {
		records = append(records, p.record(ids))
	}
	return out.WriteAll(records)
}

func (p *played) record(ids map[string]string) []string {
	t := &p.sight
	due, answeredAt, outcome, provisional := "", "", "", false
	for _, c := range p.clocks {
		if c.Kind == "ANSWER" {
			due, outcome, provisional = local(c.Due), strings.ToLower(c.State), c.Provisional
		}
	}
	if t.AnswerTime != nil {
		answeredAt = local(*t.AnswerTime)
	}
	returned, extended := 0, 0
	for _, r := range t.ReturnRequests {
		if r.Decision == "granted" {
			returned++
		}
	}
	for _, x := range t.ExtensionRequests {
		if x.Decision == "granted" {
			extended++
		}
	}
	row := []string{p.id, local(t.CreateTime), due, answeredAt, outcome, strconv.Itoa(t.Rung), strconv.FormatBool(provisional),
		t.State, t.CloseReason, strconv.Itoa(t.Cycle), strconv.FormatBool(t.Confidential), ids[t.MergedInto],
		strconv.Itoa(len(t.ReturnRequests)), strconv.Itoa(returned), strconv.Itoa(len(t.ExtensionRequests)), strconv.Itoa(extended),
		strconv.Itoa(len(t.WorkOrders)), strconv.Itoa(len(t.Dialogues)), strconv.Itoa(len(t.Directives)), strconv.Itoa(len(p.events))}
	for _, kind := range clockKinds {
		met, breached := p.outcomes(kind)
		row = append(row, strconv.Itoa(met), strconv.Itoa(breached))
	}
	return row
}
