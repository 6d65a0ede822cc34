package boardrpc

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/board"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

func render(n names, v board.View) *hotlinev1.Board {
	rates := n.city.Rates()
	groups := func(in []board.Group, name func(key string) string) []*hotlinev1.Group {
		out := make([]*hotlinev1.Group, len(in))
		for i, g := range in {
			out[i] = group(g, rates, name(g.Key))
		}
		return out
	}
	return &hotlinev1.Board{
		Name:              "cities/" + n.city.Code() + "/board",
		AsOf:              timestamppb.New(v.AsOf),
		FreshnessMillis:   v.Behind.Milliseconds(),
		FromDate:          date(v.Period.From),
		ToDate:            date(v.Period.To),
		OverdueAsOf:       timestamppb.New(v.OverdueAsOf), // of a published month it is left out
		Total:             group(v.Total, rates, n.Pick(n.city.DisplayName())),
		Units:             groups(v.Units, n.unit),
		Categories:        groups(v.Categories, n.category),
		Counties:          groups(v.Counties, n.county),
		Attendants:        groups(v.Attendants, n.official),
		ReturnReasons:     reasons(v.Reasons, n.reason),
		UnitReturnReasons: reasons(v.UnitReasons, n.unitReason),
		Days:              days(v.Days),
		UnitCategories:    groups(v.Pairs, n.unitCategory),
	}
}

// names are how the parts of a city are called in the caller's language.
type names struct {
	city *policy.City
	language.Language
}

func (n names) unit(key string) string {
	u, ok := n.city.Unit(key)
	return n.known(n.Pick(u.DisplayName, u.DisplayNameEn), ok, key)
}

func (n names) category(key string) string {
	c, ok := n.city.Category(key)
	return n.known(n.Pick(c.DisplayName, c.DisplayNameEn), ok, key)
}

func (n names) county(key string) string {
	c, ok := n.city.County(key)
	return n.known(n.Pick(c.DisplayName, c.DisplayNameEn), ok, key)
}

func (n names) official(key string) string {
	o, ok := n.city.Official(key)
	return n.known(o.DisplayName, ok, key)
}

func (n names) unitCategory(key string) string {
	unit, category, _ := strings.Cut(key, "/")
	return n.unit(unit) + " · " + n.category(category)
}

// in is the name of a group by its section.
func (n names) in(section, key string) string {
	switch section {
	case "units":
		return n.unit(key)
	case "categories":
		return n.category(key)
	case "counties":
		return n.county(key)
	case "attendants":
		return n.official(key)
	case "unitCategories":
		return n.unitCategory(key)
	case "returnReasons":
		return n.reason(key)
	case "unitReturnReasons":
		return n.unitReason(key)
	default:
		return n.Pick(n.city.DisplayName())
	}
}

// known is the name of a part, or what stands for it when the filer left it open or the configuration no longer has it.
func (n names) known(name string, ok bool, key string) string {
	switch {
	case ok:
		return name
	case key == "":
		return n.Pick("未注明", "Not stated")
	default:
		return key
	}
}

func date(day int) string { return fmt.Sprintf("%04d-%02d-%02d", day/10000, day/100%100, day%100) }

func count(c board.Count) *hotlinev1.Count {
	return &hotlinev1.Count{Value: c.N, Filter: c.Filter, List: hotlinev1.Count_List(c.List)}
}

func group(g board.Group, rates policy.Rates, name string) *hotlinev1.Group {
	out := &hotlinev1.Group{
		Key: g.Key, DisplayName: name,
		Open: count(g.Open), Filed: count(g.Filed), Answered: count(g.Answered), Closed: count(g.Closed),
		Clocks: clocks(g.Clocks), Rates: ratesOf(g.Rates, rates),
		WorkingTime: &hotlinev1.WorkingTime{Count: g.Working.Count, P50Minutes: g.Working.P50, P90Minutes: g.Working.P90},
	}
	for i, c := range g.Rungs {
		out.Rungs = append(out.Rungs, &hotlinev1.RungCount{Rung: int32(i + 1), Count: count(c)})
	}
	aside(out, &g)
	return out
}

func clocks(in []board.ClockCounts) []*hotlinev1.ClockCounts {
	out := make([]*hotlinev1.ClockCounts, len(in))
	for i, c := range in {
		out[i] = &hotlinev1.ClockCounts{Kind: c.Kind.String(), Overdue: count(c.Overdue), DueToday: count(c.DueToday), DueTomorrow: count(c.DueTomorrow),
			Met: count(c.Met), Breached: count(c.Breached)}
	}
	return out
}

// ratesOf divides. Satisfied counts whole and basically satisfied the city's share of it; a hundredth part of a ticket is the
// unit, so that nothing is rounded before the end.
func ratesOf(c board.RateCounts, rates policy.Rates) *hotlinev1.Rates {
	satisfied := 100*c.Satisfied.N + int64(rates.BasicallyPercent)*c.Basically.N
	weighted := int64(rates.ResponseWeight)*100*c.Contacted.N + int64(rates.ResolutionWeight)*100*c.Solved.N + int64(rates.SatisfactionWeight)*satisfied
	weights := int64(rates.ResponseWeight + rates.ResolutionWeight + rates.SatisfactionWeight)
	return &hotlinev1.Rates{
		Eligible: count(c.Eligible), Valid: count(c.Valid), Contacted: count(c.Contacted), Solved: count(c.Solved),
		Satisfied: count(c.Satisfied), Basically: count(c.Basically),
		Coverage:           share(c.Valid.N, c.Eligible.N),
		Response:           share(c.Contacted.N, c.Valid.N),
		Resolution:         share(c.Solved.N, c.Valid.N),
		Satisfaction:       share(satisfied, 100*c.Valid.N),
		ResponseStrict:     share(c.Contacted.N, c.Eligible.N),
		ResolutionStrict:   share(c.Solved.N, c.Eligible.N),
		SatisfactionStrict: share(satisfied, 100*c.Eligible.N),
		Score:              share(weighted, weights*100*c.Valid.N),
	}
}

// share is in basis points, rounded half up; no data rather than zero when there is nothing to divide by.
func share(part, whole int64) *hotlinev1.Rate {
	if whole == 0 {
		return &hotlinev1.Rate{}
	}
	return &hotlinev1.Rate{HasData: true, BasisPoints: int32((part*20000 + whole) / (2 * whole))}
}
