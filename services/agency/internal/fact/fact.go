// Package fact is what is counted of a case: the columns by which lists find it, its items and its commitments and, from the same values, the cells of
// the board to which it adds. Both come from Of, so that a number of the board and the list behind it cannot disagree.
//
// It depends on internal/{casefile,catalogue} and the contract's messages only.
package fact

import (
	"slices"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
)

// Case is the facts of one case. Zero times are absent.
type Case struct {
	State         casefile.State
	Open          bool // asked for or under way
	Enterprise    string
	Project       string
	County        string // where it mainly is
	Opener        string
	OpenerUnit    string
	Eligibility   agencyv1.Case_Eligibility
	ConfigVersion int64
	// Stage is the first of the four stages that has an item something waits for; empty when none has. What stands beside the stages is none.
	Stage       string
	Entrusted   bool
	Provisional bool
	Meetings    int

	// What the plan says as things stood when something happened last.
	SavedWorkdays  int
	PlanFinishTime time.Time
	// CountedBy is the version of the configuration by which all of this is counted.
	CountedBy int64

	CreateTime time.Time
	UpdateTime time.Time
	AdmitTime  time.Time
	EndTime    time.Time
	DueTime    time.Time // earliest due time of what anybody owes

	Items       []Item // in the order of the case; none ever leaves it
	Commitments []Commitment
	Breaches    []Breach // by number of the clock
	Agents      []Agent  // who act now
	Units       []string // that decide something of it, lead a stage of it, were asked about it, or opened it on the enterprise's behalf; sorted
	Tickets     []string // ids
	TicketTime  time.Time
	TicketOpen  bool
}

// Agent is who acts for a centre.
type Agent struct{ Centre, Official string }

// Breach is a deadline that passed, of any attempt: when, and whose it was. It never goes away.
type Breach struct {
	Clock int
	Kind  casefile.Kind
	Item  string // empty for what is owed of the whole case
	Unit  string // empty when the enterprise owed
	Time  time.Time
}

// Of derives the facts of a case. What needs a calendar or a rule is counted by the configuration that was in force when something happened to the case last,
// as far as the city knows it.
func Of(c *casefile.Case, city *catalogue.City) Case { return By(c, city.At(c.UpdateTime)) }

// By derives the facts of a case again, by the version by which they were counted. A version can be known here later than it came into force: then only its
// number tells what was counted by it.
func By(c *casefile.Case, city *catalogue.City) Case {
	plan := c.Plan(city, c.UpdateTime)
	f := Case{
		State: c.State, Open: c.State == casefile.Applied || c.State == casefile.Open, Enterprise: c.Enterprise, Project: c.Project,
		Opener: c.Opener, OpenerUnit: c.OpenerUnit, Eligibility: c.Eligibility, ConfigVersion: c.ConfigVersion, Stage: stage(c),
		Entrusted: c.Entrusted() != nil, Provisional: c.Provisional(), Meetings: c.Meetings,
		SavedWorkdays: plan.Saved, PlanFinishTime: plan.At(city, plan.Finish), CountedBy: city.Version(),
		CreateTime: c.CreateTime, UpdateTime: c.UpdateTime, AdmitTime: c.AdmitTime, EndTime: c.EndTime, DueTime: c.DueTime(), Units: units(c),
	}
	if len(c.Counties) > 0 {
		f.County = c.Counties[0]
	}
	f.Items = make([]Item, len(c.Items))
	for n := range c.Items {
		f.Items[n] = item(c, &c.Items[n], city, slices.Contains(plan.Critical, c.Items[n].Def.Code))
	}
	for n := range c.Commitments {
		f.Commitments = append(f.Commitments, commitment(c, &c.Commitments[n]))
	}
	for n := range c.Clocks {
		if k := &c.Clocks[n]; k.State == casefile.Breached {
			f.Breaches = append(f.Breaches, Breach{Clock: k.ID, Kind: k.Kind, Item: k.Item, Unit: k.Unit, Time: k.Due})
		}
	}
	for _, a := range c.Agents {
		if a.To.IsZero() {
			f.Agents = append(f.Agents, Agent{Centre: a.Centre, Official: a.Official})
		}
	}
	for _, t := range c.Tickets {
		f.Tickets, f.TicketTime = append(f.Tickets, t.ID), t.Time
		if !t.Closed {
			f.TicketOpen = true
		}
	}
	return f
}

func stage(c *casefile.Case) string {
	for _, s := range c.Stages {
		if !s.Beside && slices.ContainsFunc(c.Items, func(i casefile.Item) bool { return i.Def.Stage == s.Code && !i.Good() }) {
			return s.Code
		}
	}
	return ""
}

func units(c *casefile.Case) []string {
	var all []string
	if c.OpenerUnit != "" {
		all = append(all, c.OpenerUnit)
	}
	for n := range c.Items {
		if c.Items[n].State != casefile.Dropped {
			all = append(all, c.Items[n].Unit)
		}
	}
	for _, s := range c.Stages {
		if c.InStage(s.Code) {
			all = append(all, s.LeadUnit)
		}
	}
	for _, r := range c.Reviews {
		for _, o := range r.Opinions {
			all = append(all, o.Unit)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
