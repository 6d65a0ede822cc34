package casefile

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
)

// StartProcedure begins a hearing, test, expert review, publicity, inspection or bidding, which the limits do not count (行政许可法 art. 45). It needs a
// written notice and ends by itself after the workdays announced. The city bounds them, and all that an attempt spends on procedures of a kind: neither one that goes
// on nor one after the other can stop the clock for ever.
func (c *Case) StartProcedure(ctx Context, item, kind, notice string, days int) ([]Event, error) {
	d, i, err := c.enterItem(VerbStartProcedure, ctx, item)
	if err != nil {
		return nil, err
	}
	if err := needText("notice", notice); err != nil {
		return nil, err
	}
	if i.AcceptTime.IsZero() {
		return nil, ErrItemStateForbids.With("state", i.State.String()).With("verb", string(VerbStartProcedure))
	}
	if !slices.Contains(i.Def.Procedures, kind) {
		return nil, ErrProcedureUnknown.Field("procedure", "procedure.unknown", "该事项没有这种特别程序", "is no special procedure of this item")
	}
	most := d.procedureLeft(i, kind)
	if days < 1 || days > most {
		return nil, ErrProcedureTooLong.With("maxWorkdays", itoa(most)).Field("workdays", "workdays.range", "超出规定范围", "is out of range")
	}
	bound := d.start(0, KindProcedure, workdays(days), d.now, i.Unit, Clock{Item: item, Attempt: i.Attempt})
	d.emit(&agencyv1.ProcedureStarted{Item: item, Procedure: kind, Notice: notice, UntilTime: timestamppb.New(bound[0].Due)}, append(d.pausedOf(i), bound...)...)
	return d.finish()
}

// procedureLeft is how many whole workdays an attempt may still spend on procedures of a kind; not positive when none are left.
func (d *decision) procedureLeft(i *Item, kind string) int {
	city := d.inForce(d.now)
	var used time.Duration
	for _, s := range d.c.Stops {
		if s.Item == i.Def.Code && s.Attempt == i.Attempt && s.Cause == kind {
			used += city.Calendar().Between(s.From, s.To)
		}
	}
	day := dayLength(city.Calendar(), d.now)
	return city.Rules().ProcedureWorkdays[kind] - int((used+day-1)/day)
}

// EndProcedure lets the limits go on.
func (c *Case) EndProcedure(ctx Context, item, text string) ([]Event, error) {
	d, i, err := c.enterItem(VerbEndProcedure, ctx, item)
	if err != nil {
		return nil, err
	}
	d.endProcedure(i, d.actor, "unit", text)
	return d.finish()
}

// endProcedure: at its bound it ends by itself, which is nobody's breach: the limits run again and show who is late.
func (d *decision) endProcedure(i *Item, by Actor, cause, text string) {
	clocks := append(d.fulfilled(ofItem(i, KindProcedure)), d.resumedOf(i, d.now)...)
	d.emitAt(d.now, by, &agencyv1.ProcedureEnded{Item: i.Def.Code, Cause: cause, Text: text}, clocks...)
}

// Extend extends the statutory limit once, by the head of the unit, with a reason that the enterprise is told (行政许可法 art. 42). What was promised stays
// promised.
func (c *Case) Extend(ctx Context, item string, days int, reason string) ([]Event, error) {
	d, i, err := c.enterItem(VerbExtend, ctx, item)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	k := d.c.Clock(i, KindStatutory)
	switch {
	case i.Def.Extension == 0 || i.Extended:
		return nil, ErrExtensionUsed
	case k == nil || !k.live():
		return nil, ErrLimitOver
	case days < 1 || days > i.Def.Extension:
		return nil, ErrExtensionTooLong.With("maxWorkdays", itoa(i.Def.Extension)).Field("workdays", "workdays.range", "超出规定范围", "is out of range")
	}
	d.emit(&agencyv1.LimitExtended{Item: item, Workdays: int32(days), Reason: reason},
		k.extended(d.inForce(d.now).Calendar(), d.now, workdays(days)))
	return d.finish()
}

// Procedures are the special procedures that there are.
func Procedures() []string {
	return []string{catalogue.ProcedureHearing, catalogue.ProcedureTest, catalogue.ProcedureReview, catalogue.ProcedurePublicity,
		catalogue.ProcedureInspection, catalogue.ProcedureBidding}
}
