// Package rostertest is a small city for the tests of this service: enough officials to be absent, dismissed, capped and equal.
package rostertest

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
)

// Code is the city's.
const Code = "410900"

// Start is a moment in the city's life: a Tuesday morning.
var Start = time.Date(2026, 3, 3, 1, 0, 0, 0, time.UTC)

// ID makes the n-th id of a kind, for things whose ids a test has to know.
func ID(kind byte, n int) string {
	return fmt.Sprintf("0192a000-00%02x-7000-8000-%012x", kind, n)
}

// Person is the n-th person.
func Person(n int) string { return ID(1, n) }

// Enterprise is the n-th enterprise.
func Enterprise(n int) string { return ID(2, n) }

// Project is the n-th project.
func Project(n int) string { return ID(3, n) }

// Ticket is the n-th ticket.
func Ticket(n int) string { return ID(4, n) }

// Case is the n-th case.
func Case(n int) string { return ID(10, n) }

// The officials, by the number of their person.
const (
	Wang  = 1 // attendant in water, at most 2 open tickets, deputy Li
	Li    = 2 // attendant in water, at most 2
	Zhao  = 3 // clerk in water, no bound
	Qian  = 4 // attendant in the bureau above water
	Sun   = 5 // clerk in power
	Zhou  = 6 // agent in power
	Wu    = 7 // administrator
	Zheng = 8 // leader of the bureau
	Feng  = 9 // attendant in power, at most 1

	He  = 10 // agent of the approvals centre, at most 2, deputy Lu
	Lu  = 11 // agent at its window, at most 2
	Shi = 12 // agent of the investment centre, no bound
	Cao = 13 // agent of the investment centre and clerk there, at most 2
)

// The centres that give a case an agent each.
const (
	Approvals  = "approvals" // with a unit "window" below it
	Investment = "investment"
)

type official struct {
	n     int
	login string
	unit  string
	roles []optionsv1.Role
	most  int32
	stand string
}

var officials = []official{
	{Wang, "wang", "water", []optionsv1.Role{optionsv1.Role_ROLE_ATTENDANT}, 2, "li"},
	{Li, "li", "water", []optionsv1.Role{optionsv1.Role_ROLE_ATTENDANT}, 2, ""},
	{Zhao, "zhao", "water", []optionsv1.Role{optionsv1.Role_ROLE_CLERK}, 0, ""},
	{Qian, "qian", "bureau", []optionsv1.Role{optionsv1.Role_ROLE_ATTENDANT}, 0, ""},
	{Sun, "sun", "power", []optionsv1.Role{optionsv1.Role_ROLE_CLERK}, 0, "wu"},
	{Zhou, "zhou", "power", []optionsv1.Role{optionsv1.Role_ROLE_AGENT}, 0, ""},
	{Wu, "wu", "office", []optionsv1.Role{optionsv1.Role_ROLE_CITY_ADMIN}, 0, ""},
	{Zheng, "zheng", "bureau", []optionsv1.Role{optionsv1.Role_ROLE_LEADER}, 0, ""},
	{Feng, "feng", "power", []optionsv1.Role{optionsv1.Role_ROLE_ATTENDANT}, 1, ""},
	{He, "he", Approvals, []optionsv1.Role{optionsv1.Role_ROLE_AGENT}, 2, "lu"},
	{Lu, "lu", "window", []optionsv1.Role{optionsv1.Role_ROLE_AGENT}, 2, ""},
	{Shi, "shi", Investment, []optionsv1.Role{optionsv1.Role_ROLE_AGENT}, 0, ""},
	{Cao, "cao", Investment, []optionsv1.Role{optionsv1.Role_ROLE_AGENT, optionsv1.Role_ROLE_CLERK}, 2, ""},
}

// The categories: one of each unit, one below, one that nobody handles.
const (
	Water     = "03"   // handled by water, below bureau
	Supply    = "0301" // below Water, without a unit of its own
	Power     = "04"   // handled by power, below office
	Finance   = "05"   // handled by investment
	Unhandled = "09"
)

// Config is a version of the city's configuration, less the officials left out.
func Config(version int64, without ...int) *directoryv1.CityConfig {
	c := &directoryv1.CityConfig{Name: "cities/" + Code, Version: version, ApplyTime: timestamppb.New(Start), DeskUnit: "office",
		Units: []*directoryv1.Unit{{Code: "office"}, {Code: "bureau"}, {Code: "water", Parent: "bureau"}, {Code: "power", Parent: "office"},
			{Code: Approvals}, {Code: "window", Parent: Approvals}, {Code: Investment}},
		Categories: []*directoryv1.Category{{Code: Water, Unit: "water"}, {Code: Supply, Parent: Water}, {Code: Power, Unit: "power"},
			{Code: Finance, Unit: Investment}, {Code: Unhandled}}}
	for _, o := range officials {
		if contains(without, o.n) {
			continue
		}
		c.Officials = append(c.Officials, &directoryv1.Official{Person: "cities/" + Code + "/persons/" + Person(o.n), Login: o.login,
			DisplayName: o.login, Unit: o.unit, Roles: o.roles, LoadCap: o.most, Deputy: o.stand})
	}
	return c
}

func contains(all []int, n int) bool {
	for _, x := range all {
		if x == n {
			return true
		}
	}
	return false
}
