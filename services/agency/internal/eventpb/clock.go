package eventpb

import (
	"fmt"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Clock returns a clock as events carry it and as the case shows it.
func Clock(c casefile.Clock) *agencyv1.Clock {
	out := &agencyv1.Clock{
		Id: int32(c.ID), Kind: c.Kind, State: c.State, Item: c.Item, Attempt: int32(c.Attempt), Number: int32(c.Number), Unit: c.Unit,
		StartTime: stamp(c.Start), DueTime: stamp(c.Due), FirstDueTime: stamp(c.FirstDue), WarnTime: stamp(c.Warn), Warned: c.Warned,
		StopTime: stamp(c.Stop), PauseTime: stamp(c.Paused), RemainingMicros: c.Remaining.Microseconds(), Limit: c.Limit.String(),
		WarnPercent: int32(c.WarnPercent), ConfigVersion: c.ConfigVersion, CalendarVersion: c.Calendar, Provisional: c.Provisional, Reminded: int32(c.Reminded),
	}
	for _, t := range c.Reminders {
		out.RemindTimes = append(out.RemindTimes, stamp(t))
	}
	for _, p := range c.Pauses {
		out.Pauses = append(out.Pauses, stamp(p.From), stamp(p.To))
	}
	for _, m := range c.More {
		out.Extensions = append(out.Extensions, &agencyv1.ClockExtension{Limit: m.Limit.String(), Time: stamp(m.At)})
	}
	return out
}

func clockOf(in *agencyv1.Clock) (casefile.Clock, error) {
	limit, err := worktime.ParseLimit(in.GetLimit())
	if err != nil {
		return casefile.Clock{}, fmt.Errorf("clock %d: %w", in.GetId(), err)
	}
	c := casefile.Clock{
		ID: int(in.GetId()), Kind: in.GetKind(), State: in.GetState(), Item: in.GetItem(), Attempt: int(in.GetAttempt()), Number: int(in.GetNumber()),
		Unit: in.GetUnit(), Start: moment(in.GetStartTime()), Due: moment(in.GetDueTime()), FirstDue: moment(in.GetFirstDueTime()),
		Warn: moment(in.GetWarnTime()), Warned: in.GetWarned(), Stop: moment(in.GetStopTime()), Paused: moment(in.GetPauseTime()),
		Remaining: time.Duration(in.GetRemainingMicros()) * time.Microsecond, Limit: limit, WarnPercent: int(in.GetWarnPercent()),
		ConfigVersion: in.GetConfigVersion(), Calendar: in.GetCalendarVersion(), Provisional: in.GetProvisional(), Reminded: int(in.GetReminded()),
	}
	for _, t := range in.GetRemindTimes() {
		c.Reminders = append(c.Reminders, moment(t))
	}
	pauses := in.GetPauses()
	if len(pauses)%2 != 0 {
		return casefile.Clock{}, fmt.Errorf("clock %d: a pause has no end", in.GetId())
	}
	for i := 0; i < len(pauses); i += 2 {
		c.Pauses = append(c.Pauses, worktime.Pause{From: moment(pauses[i]), To: moment(pauses[i+1])})
	}
	for _, x := range in.GetExtensions() {
		more, err := worktime.ParseLimit(x.GetLimit())
		if err != nil {
			return casefile.Clock{}, fmt.Errorf("clock %d: %w", in.GetId(), err)
		}
		c.More = append(c.More, casefile.More{Limit: more, At: moment(x.GetTime())})
	}
	return c, nil
}
