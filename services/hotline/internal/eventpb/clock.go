package eventpb

import (
	"fmt"
	"time"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Clock returns a clock as events carry it.
func Clock(c ticket.Clock) *hotlinev1.ClockChange {
	out := &hotlinev1.ClockChange{
		Id: int32(c.ID), Kind: hotlinev1.Clock_Kind(c.Kind), Cycle: int32(c.Cycle), State: hotlinev1.Clock_State(c.State),
		OwnerUnit: c.Owner.Unit, OwnerPerson: c.Owner.Official,
		Start: stamp(c.Start), Due: stamp(c.Due), FirstDue: stamp(c.FirstDue), Warn: stamp(c.Warn), Stop: stamp(c.Stop), Paused: stamp(c.Paused),
		RemainingMicros: c.Remaining.Microseconds(), Limit: c.Limit.String(), Policy: c.Policy, ConfigVersion: c.ConfigVersion,
		Calendar: c.Calendar, Provisional: c.Provisional, Ladder: c.Ladder, Warned: c.Warned, WarnPercent: int32(c.WarnPercent),
		StepsReached: int32(c.StepsReached), Order: int32(c.Order),
	}
	for _, s := range c.Steps {
		out.Steps = append(out.Steps, &hotlinev1.LadderStep{Rung: int32(s.Rung), Time: stamp(s.At), Accountable: string(s.Accountable)})
	}
	for _, t := range c.Turns {
		turn := &hotlinev1.ClockTurn{Time: stamp(t.At), NotAfter: stamp(t.NotAfter)}
		if t.Extension != (worktime.Limit{}) {
			turn.Extension = t.Extension.String()
		}
		out.Turns = append(out.Turns, turn)
	}
	return out
}

func clockOf(in *hotlinev1.ClockChange) (ticket.Clock, error) {
	limit, err := worktime.ParseLimit(in.GetLimit())
	if err != nil {
		return ticket.Clock{}, fmt.Errorf("clock %d: %w", in.GetId(), err)
	}
	c := ticket.Clock{
		ID: int(in.GetId()), Kind: ticket.Kind(in.GetKind()), Cycle: int(in.GetCycle()), State: ticket.ClockState(in.GetState()),
		Owner: ticket.Seat{Unit: in.GetOwnerUnit(), Official: in.GetOwnerPerson()},
		Start: moment(in.GetStart()), Due: moment(in.GetDue()), FirstDue: moment(in.GetFirstDue()), Warn: moment(in.GetWarn()),
		Stop: moment(in.GetStop()), Paused: moment(in.GetPaused()),
		Remaining: time.Duration(in.GetRemainingMicros()) * time.Microsecond, Limit: limit, Policy: in.GetPolicy(),
		ConfigVersion: in.GetConfigVersion(), Calendar: in.GetCalendar(), Provisional: in.GetProvisional(), Ladder: in.GetLadder(),
		Warned: in.GetWarned(), WarnPercent: int(in.GetWarnPercent()), StepsReached: int(in.GetStepsReached()),
		Order: int(in.GetOrder()),
	}
	for _, s := range in.GetSteps() {
		c.Steps = append(c.Steps, ticket.Step{Rung: int(s.GetRung()), At: moment(s.GetTime()), Accountable: policy.Accountable(s.GetAccountable())})
	}
	for _, t := range in.GetTurns() {
		turn := ticket.Turn{At: moment(t.GetTime()), NotAfter: moment(t.GetNotAfter())}
		if t.GetExtension() != "" {
			if turn.Extension, err = worktime.ParseLimit(t.GetExtension()); err != nil {
				return ticket.Clock{}, fmt.Errorf("clock %d: %w", in.GetId(), err)
			}
		}
		c.Turns = append(c.Turns, turn)
	}
	return c, nil
}
