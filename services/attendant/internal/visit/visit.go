// Package visit is the domain of visits to enterprises: when one may be planned, what becomes of it, and when an enterprise wants none.
// It is pure: time comes in, new values go out. It depends on kit's fault only; how long lies between two visits is handed in.
package visit

import (
	"time"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// State is where a visit stands. The numbers are the contract's.
type State int

// The states.
const (
	Planned   State = 1
	Held      State = 2
	Cancelled State = 3
)

// The broken rules of this package. Their reasons are declared in the contract.
var (
	ErrTime = fault.New(fault.Invalid, "VISIT_TIME_INVALID",
		"走访时间不合适，请修改后重试。", "The time of the visit does not fit. Change it and try again.")
	ErrTooSoon = fault.New(fault.Precondition, "VISIT_TOO_SOON",
		"与该企业另一次走访的间隔过短，请改期。", "Another visit to this enterprise is too near. Choose another day.")
	ErrQuiet = fault.New(fault.Precondition, "DO_NOT_DISTURB",
		"该企业已设置免打扰，此时不接受走访，请改期。", "The enterprise wants no visits then. Choose a later day.")
	ErrOver = fault.New(fault.Precondition, "VISIT_OVER",
		"该走访已完成或已取消，不能再更改。", "The visit was held or is off already and cannot be changed.")
	// ErrPeriod is the same fact about an enterprise's quiet as about a binding.
	ErrPeriod = fault.New(fault.Invalid, "PERIOD_INVALID",
		"结束时间必须晚于开始时间，请修改后重试。", "The period must end after it starts. Change the end and try again.")
)

// Visit is a visit of an official to an enterprise.
type Visit struct {
	City        string
	ID          string
	Official    string
	DisplayName string // of the official when planned
	Unit        string // of the official when planned
	Enterprise  string
	State       State
	Time        time.Time // planned, or held
	Created     time.Time
}

// Quiet is whether an enterprise wants no visits. The zero value of everything but the names is one that does not mind.
type Quiet struct {
	City       string
	Enterprise string
	Quiet      bool
	Until      time.Time // exclusive; zero for good
}

// NewQuiet checks what an enterprise says at an instant.
func NewQuiet(q Quiet, now time.Time) (Quiet, error) {
	switch {
	case !q.Quiet && !q.Until.IsZero():
		return Quiet{}, ErrPeriod.Field("until", "period.present", "取消免打扰时不能填写", "is only for who wants no visits")
	case !q.Until.IsZero() && !q.Until.After(now):
		return Quiet{}, ErrPeriod.Field("until", "period.end", "必须晚于现在", "must lie in the future")
	}
	return q, nil
}

// At tells whether no visit is wanted at an instant. A quiet ends by itself.
func (q Quiet) At(at time.Time) bool { return q.Quiet && (q.Until.IsZero() || at.Before(q.Until)) }

// Interval is how long lies between two visits.
type Interval interface {
	// Earliest is from when on there may be another after one at an instant.
	Earliest(after time.Time) time.Time
}

// Around is what a plan has to keep its distance from: the nearest visits that were not cancelled, and the enterprise's quiet.
type Around struct {
	Before, After *Visit // not later, and later than the plan
	Quiet         Quiet
	Interval      Interval
}

// horizon is how far ahead a visit can be planned.
const horizon = 366 * 24 * time.Hour

// Plan plans a visit. With the rules set aside, only its time is judged; aside tells whether that made a difference.
func Plan(v Visit, around Around, now time.Time, setAside bool) (planned Visit, aside bool, err error) {
	v.State, v.Created = Planned, now
	switch {
	case !v.Time.After(now):
		return Visit{}, false, ErrTime.Field("visitTime", "visit.past", "必须晚于现在", "must lie in the future")
	case v.Time.After(now.Add(horizon)):
		return Visit{}, false, ErrTime.Field("visitTime", "visit.far", "不能晚于一年之后", "must lie within a year")
	}
	broken := around.judge(v)
	if broken != nil && !setAside {
		return Visit{}, false, broken
	}
	return v, broken != nil, nil
}

// judge tells which rule a plan breaks.
func (a Around) judge(v Visit) error {
	switch {
	case a.Quiet.At(v.Time):
		until := "for good"
		if !a.Quiet.Until.IsZero() {
			until = a.Quiet.Until.UTC().Format(time.RFC3339)
		}
		return ErrQuiet.With("until", until)
	case a.Before != nil && v.Time.Before(a.Interval.Earliest(a.Before.Time)):
		return ErrTooSoon.With("visit", Name(a.Before.City, a.Before.ID)).With("earliest", a.Interval.Earliest(a.Before.Time).Format(time.RFC3339))
	case a.After != nil && a.After.Time.Before(a.Interval.Earliest(v.Time)):
		return ErrTooSoon.With("visit", Name(a.After.City, a.After.ID)).With("earliest", a.Interval.Earliest(a.After.Time).Format(time.RFC3339))
	}
	return nil
}

// Hold records that a visit was held at an instant, or as planned when that is zero.
func (v Visit) Hold(at, now time.Time) (Visit, error) {
	if at.IsZero() {
		at = v.Time
	}
	switch {
	case v.State != Planned:
		return Visit{}, ErrOver
	case at.After(now):
		return Visit{}, ErrTime.Field("visitTime", "visit.future", "不能晚于现在", "must not lie in the future")
	case at.Before(v.Created):
		return Visit{}, ErrTime.Field("visitTime", "visit.early", "不能早于计划制定的时间", "must not lie before it was planned")
	}
	v.State, v.Time = Held, at
	return v, nil
}

// Cancel takes a plan back.
func (v Visit) Cancel() (Visit, error) {
	if v.State != Planned {
		return Visit{}, ErrOver
	}
	v.State = Cancelled
	return v, nil
}

// Name is the resource name of a visit.
func Name(city, id string) string { return "cities/" + city + "/visits/" + id }
