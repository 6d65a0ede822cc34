package board

import (
	"slices"
)

// Number is one of a group's counts under the name of its place in the contract's Group.
type Number struct {
	Name string
	Count
	// Now says that it tells how things are at an instant; the others tell what happened in the period.
	Now bool
}

// each visits all counts of a group.
func (g *Group) each(visit func(name string, now bool, c *Count)) {
	if g.reason {
		g.Returns.each(visit)
		return
	}
	visit("open", true, &g.Open)
	visit("filed", false, &g.Filed)
	visit("answered", false, &g.Answered)
	visit("closed", false, &g.Closed)
	visit("rates.eligible", false, &g.Rates.Eligible)
	visit("rates.valid", false, &g.Rates.Valid)
	visit("rates.contacted", false, &g.Rates.Contacted)
	visit("rates.solved", false, &g.Rates.Solved)
	visit("rates.satisfied", false, &g.Rates.Satisfied)
	visit("rates.basically", false, &g.Rates.Basically)
	for i := range g.Clocks {
		g.Clocks[i].each("clocks."+g.Clocks[i].Kind.String()+".", visit)
	}
	for i := range g.Rungs {
		visit("rungs", true, &g.Rungs[i])
	}
	for i := range g.Ages {
		visit("ages", true, &g.Ages[i].Count)
	}
	g.Returns.each(visit)
	g.eachAside(visit)
	if o := g.Orders; o != nil {
		visit("workOrders.open", true, &o.Open)
		for i := range o.Clocks {
			o.Clocks[i].each("workOrders.clocks."+o.Clocks[i].Kind.String()+".", visit)
		}
	}
}

func (c *ReturnCounts) each(visit func(name string, now bool, c *Count)) {
	visit("returns.requested", false, &c.Requested)
	visit("returns.granted", false, &c.Granted)
	visit("returns.refused", false, &c.Refused)
	visit("returns.pending", true, &c.Pending)
}

func (g *Group) eachAside(visit func(name string, now bool, c *Count)) {
	visit("extensions.asked", false, &g.Extensions.Asked)
	visit("extensions.granted", false, &g.Extensions.Granted)
	visit("extensions.refused", false, &g.Extensions.Refused)
	visit("extensions.pending", true, &g.Extensions.Pending)
	visit("supervised", true, &g.Supervised)
	visit("cycled", true, &g.Cycled)
	visit("linked", true, &g.Linked)
	visit("reopened", false, &g.Reopened)
	visit("thin", false, &g.Thin)
	if g.Callbacks != (CallbackCounts{}) { // they are not for everybody
		visit("callbacks.sampled", false, &g.Callbacks.Sampled)
		visit("callbacks.reached", false, &g.Callbacks.Reached)
		visit("callbacks.missed", false, &g.Callbacks.Missed)
		visit("callbacks.unreachable", false, &g.Callbacks.Unreachable)
		visit("callbacks.overtaken", false, &g.Callbacks.Overtaken)
		visit("callbacks.due", true, &g.Callbacks.Due)
	}
	visit("dialogues.asked", false, &g.Dialogues.Asked)
	visit("dialogues.held", false, &g.Dialogues.Held)
	visit("dialogues.declined", false, &g.Dialogues.Declined)
	visit("dialogues.waiting", true, &g.Dialogues.Waiting)
	visit("merged", false, &g.Merged)
	visit("rejected", false, &g.Rejected)
	visit("risk.atRisk", true, &g.Risk.AtRisk)
	visit("risk.unstated", true, &g.Risk.Unstated)
	visit("risk.retained", false, &g.Risk.Retained)
}

func (c *ClockCounts) each(name string, visit func(name string, now bool, c *Count)) {
	visit(name+"overdue", true, &c.Overdue)
	visit(name+"dueToday", true, &c.DueToday)
	visit(name+"dueTomorrow", true, &c.DueTomorrow)
	visit(name+"met", false, &c.Met)
	visit(name+"breached", false, &c.Breached)
}

// Numbers are all counts of a group, each with its list.
func (g *Group) Numbers() []Number {
	var out []Number
	g.each(func(name string, now bool, c *Count) { out = append(out, Number{name, *c, now}) })
	return out
}

// past is what of a group tells what happened, the sums and quantiles too, which have no list of their own. It has the same length and order for every
// group of a section.
func (g *Group) past() []Number {
	out := slices.DeleteFunc(g.Numbers(), func(n Number) bool { return n.Now })
	if g.reason {
		return out
	}
	sum := func(name string, n int64) { out = append(out, Number{Name: name, Count: Count{N: n}}) }
	sum("workingTime.p50Minutes", g.Working.P50)
	sum("workingTime.p90Minutes", g.Working.P90)
	sum("dialogues.wait.minutes", g.Dialogues.Mean())
	sum("risk.retainedInvestmentFen", g.Risk.RetainedFen)
	sum("risk.retainedJobs", g.Risk.RetainedJobs)
	return out
}

// Mean is the natural minutes from asking to holding of a dialogue, rounded half up; 0 without any.
func (d DialogueCounts) Mean() int64 {
	if d.Held.N == 0 {
		return 0
	}
	return (2*d.Minutes + d.Held.N) / (2 * d.Held.N)
}

// empty is the group with the same lists and nothing in them.
func (g Group) empty() Group {
	g.Clocks, g.Rungs, g.Ages, g.Working = slices.Clone(g.Clocks), slices.Clone(g.Rungs), slices.Clone(g.Ages), Working{}
	g.Dialogues.Minutes, g.Risk.RetainedFen, g.Risk.RetainedJobs = 0, 0, 0
	if o := g.Orders; o != nil {
		g.Orders = &OrderCounts{Open: o.Open, Clocks: slices.Clone(o.Clocks)}
	}
	g.each(func(_ string, _ bool, c *Count) { c.N = 0 })
	return g
}

// Section is one of a board's lists of groups, under its name in the contract.
type Section struct {
	Name   string
	Groups []Group
}

// Sections are all groups of a board; the total is a section of its own.
func (v *View) Sections() []Section {
	return []Section{
		{"total", []Group{v.Total}}, {"units", v.Units}, {"categories", v.Categories}, {"counties", v.Counties}, {"attendants", v.Attendants},
		{"unitCategories", v.Pairs}, {"returnReasons", v.Reasons}, {"unitReturnReasons", v.UnitReasons},
	}
}
