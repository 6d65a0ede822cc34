// Package binding is the domain of who answers for whom: bindings of officials to enterprises and projects, which are dated
// and never overwritten, and whether an official is there. It is pure: time comes in, new values go out. It depends on kit's
// fault only.
package binding

import (
	"time"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// Role is what somebody is bound as. The numbers are the contract's.
type Role int

// The roles.
const (
	Attendant Role = 1 // 首席服务员
	Agent     Role = 2 // 代办员
)

// The broken rules of this package. Their reasons are declared in the contract.
var (
	ErrPeriod = fault.New(fault.Invalid, "PERIOD_INVALID",
		"结束时间必须晚于开始时间，请修改后重试。", "The period must end after it starts. Change the end and try again.")
	ErrDeputySelf = fault.New(fault.Invalid, "DEPUTY_SELF",
		"代理人不能是本人，请另选一人。", "Nobody stands in for themselves. Choose somebody else.").
		Field("deputy", "deputy.self", "不能是本人", "must be somebody else")
)

// Post is what can have one active primary: an enterprise or one of its projects, and a role.
type Post struct {
	City       string
	Enterprise string
	Project    string // empty for the whole enterprise
	Role       Role
}

// Binding is an official bound to a post from Start to End.
type Binding struct {
	Post
	ID          string
	Official    string
	DisplayName string // of the official when bound
	Unit        string // of the official when bound
	Deputy      string // may be empty
	Start       time.Time
	End         time.Time // exclusive; zero for open
	// Active says that the post is taken. It stays so until the end is recorded, which the clockwork does a moment after End.
	Active bool
}

// New binds an official from an instant on.
func New(b Binding, start time.Time) (Binding, error) {
	b.Start, b.Active = start, true
	switch {
	case !b.End.IsZero() && !b.End.After(start):
		return Binding{}, ErrPeriod.Field("endTime", "period.end", "必须晚于现在", "must lie in the future")
	case b.Deputy == b.Official:
		return Binding{}, ErrDeputySelf
	}
	return b, nil
}

// InForce tells whether the binding counts at an instant.
func (b Binding) InForce(at time.Time) bool {
	return b.Active && !at.Before(b.Start) && !b.Over(at)
}

// Over tells whether the binding's time has run out by an instant.
func (b Binding) Over(at time.Time) bool { return !b.End.IsZero() && !at.Before(b.End) }

// Ended is the binding ended at an instant: at its own end when that was earlier, and never before it started.
func (b Binding) Ended(at time.Time) Binding {
	if b.Over(at) {
		at = b.End
	}
	if at.Before(b.Start) {
		at = b.Start
	}
	b.End, b.Active = at, false
	return b
}

// Presence is whether an official is there. The zero value of everything but the names is somebody who is.
type Presence struct {
	City     string
	Official string
	Away     bool
	From     time.Time // start of the absence; zero for when it was said
	Until    time.Time // end of the absence, exclusive; zero for open
	Deputy   string    // stands in; empty for whom the city's staff data names
	// HandOver asks that open tickets and cases are proposed to who stands in when the absence begins.
	HandOver bool
}

// NewPresence checks what somebody says of their presence at an instant.
func NewPresence(p Presence, now time.Time) (Presence, error) {
	switch {
	case !p.Away && !p.Until.IsZero():
		return Presence{}, ErrPeriod.Field("awayUntil", "period.present", "在岗时不能填写", "is only for somebody who is away")
	case !p.Away && !p.From.IsZero():
		return Presence{}, ErrPeriod.Field("awayFrom", "period.present", "在岗时不能填写", "is only for somebody who is away")
	case !p.Away && p.HandOver:
		return Presence{}, ErrPeriod.Field("handOver", "period.present", "在岗时不能填写", "is only for somebody who is away")
	case !p.Until.IsZero() && !p.Until.After(now):
		return Presence{}, ErrPeriod.Field("awayUntil", "period.end", "必须晚于现在", "must lie in the future")
	case !p.Until.IsZero() && !p.Until.After(p.From):
		return Presence{}, ErrPeriod.Field("awayUntil", "period.order", "必须晚于开始时间", "must lie after the start")
	case p.Deputy != "" && p.Deputy == p.Official:
		return Presence{}, ErrDeputySelf
	}
	if !p.From.After(now) {
		p.From = time.Time{} // it has begun
	}
	return p, nil
}

// PresentAt tells whether the official is there at an instant. An absence begins and ends by itself.
func (p Presence) PresentAt(at time.Time) bool {
	return !p.Away || at.Before(p.From) || !p.Until.IsZero() && !at.Before(p.Until)
}

// HandsOver tells whether an absence that has begun still asks for the hand-over, and if it is to come, when.
func (p Presence) HandsOver(at time.Time) (now bool, later time.Time) {
	switch {
	case !p.Away || !p.HandOver:
		return false, time.Time{}
	case at.Before(p.From):
		return false, p.From
	default:
		return !p.PresentAt(at), time.Time{}
	}
}
