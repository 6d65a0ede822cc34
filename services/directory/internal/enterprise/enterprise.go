package enterprise

import (
	"time"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// Kind is what sort of enterprise it is; the numbers are the contract's.
type Kind int32

// The kinds.
const (
	Registered      Kind = 1
	Founding        Kind = 2
	OutsideInvestor Kind = 3
	Foreign         Kind = 4
)

// Enterprise is a business the city serves.
type Enterprise struct {
	City, ID    string
	DisplayName string
	USCC        USCC // empty when there is none
	Kind        Kind
	County      string
	Created     time.Time
}

// CodeOf reads the credit code that an enterprise of a kind is registered with. A registered one must have it, the others may:
// one that is being founded has none yet, and an investor from abroad never.
func CodeOf(kind Kind, text string) (USCC, error) {
	if text == "" && kind != Registered {
		return "", nil
	}
	return ParseUSCC(text)
}

// State is where a membership stands; the numbers are the contract's.
type State int32

// The states.
const (
	Claimed   State = 1
	Confirmed State = 2
	Removed   State = 3
)

// Member is a person speaking, or claiming to speak, for an enterprise.
type Member struct {
	City, Enterprise, Person string
	State                    State
	Admin                    bool
	Created                  time.Time // of the present claim
	Confirmed                time.Time // zero while it is a claim
}

// ErrNoClaim is a membership that has ended, or never was: there is nothing to confirm.
var ErrNoClaim = fault.New(fault.NotFound, "MEMBER_NOT_FOUND",
	"未找到该成员的申请记录，请核对后重试。", "There is no such member or claim. Check the name and try again.")

// Claims says that somebody belongs to the enterprise. Whoever has a claim or a membership keeps it; one that was removed may
// claim again, and is judged again.
func (m Member) Claims(now time.Time) (after Member, changed bool) {
	if m.State == Claimed || m.State == Confirmed {
		return m, false
	}
	m.State, m.Admin, m.Created, m.Confirmed = Claimed, false, now, time.Time{}
	return m, true
}

// Confirm makes a member of a claimant, or changes whether a member confirms others.
func (m Member) Confirm(admin bool, now time.Time) (after Member, changed bool, err error) {
	switch {
	case m.State == Confirmed && m.Admin == admin:
		return m, false, nil
	case m.State == Confirmed:
		m.Admin = admin
	case m.State == Claimed:
		m.State, m.Admin, m.Confirmed = Confirmed, admin, now
	default:
		return m, false, ErrNoClaim
	}
	return m, true, nil
}

// Remove ends a claim or a membership. Its history stays in the journal.
func (m Member) Remove() (after Member, changed bool, err error) {
	switch m.State {
	case Claimed, Confirmed:
		m.State, m.Admin = Removed, false
		return m, true, nil
	case Removed:
		return m, false, nil
	}
	return m, false, ErrNoClaim
}

// Project is an enterprise's investment project. The stage's numbers are the contract's.
type Project struct {
	City, Enterprise, ID string
	DisplayName          string
	County               string
	Stage                int32
	InvestmentFen        int64
	Jobs                 int32
	Created              time.Time
}
