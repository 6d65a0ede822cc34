package ticket

import (
	"fmt"

	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

var reasonTexts = map[string]fault.Text{
	ReasonWork:     {Zh: "工作时间", En: "working time"},
	ReasonStartDay: {Zh: "起算当日，不计入", En: "the day it started, not counted"},
	ReasonLunch:    {Zh: "午休", En: "lunch break"},
	ReasonNight:    {Zh: "下班时间", En: "outside working hours"},
	ReasonWeekend:  {Zh: "周末", En: "weekend"},
	ReasonHoliday:  {Zh: "法定节假日", En: "public holiday"},
	ReasonMakeUp:   {Zh: "调休上班", En: "make-up workday"},
	ReasonPaused:   {Zh: "等待诉求人补充，暂停计时", En: "paused: waiting for the filer"},
	ReasonRolled:   {Zh: "非工作时间，顺延", En: "outside working time, rolled over"},
	ReasonNatural:  {Zh: "连续计时", En: "counted by the clock"},
}

// Text returns the interval's reason for people.
func (i Interval) Text() fault.Text { return reasonTexts[i.Reason] }

var kindTexts = map[Kind]fault.Text{
	KindDispatch:  {Zh: "派单", En: "dispatch"},
	KindSign:      {Zh: "签收", En: "sign"},
	KindContact:   {Zh: "首次联系", En: "first contact"},
	KindAnswer:    {Zh: "办结答复", En: "answer"},
	KindVerify:    {Zh: "评价", En: "verification"},
	KindOrderSign: {Zh: "签收工单", En: "sign the work order"},
	KindHandle:    {Zh: "办结工单", En: "finish the work order"},
	KindReturn:    {Zh: "裁定退单", En: "decide upon the return"},
	KindExtension: {Zh: "决定是否延期", En: "decide upon more time"},
	KindDialogue:  {Zh: "安排并进行直接对话", En: "hold the dialogue, or decline it"},
}

// Text returns the kind of clock for people.
func (k Kind) Text() fault.Text { return kindTexts[k] }

// Rule returns for people what a clock of the ticket demands: what, within which limit, counted from where, and what changed that since.
func (t *Ticket) Rule(c Clock) fault.Text {
	kind, limit, from, turns := c.Kind.Text(), limitText(c.Limit), t.originText(c), turnsText(c.Turns)
	return fault.Text{
		Zh: fmt.Sprintf("自%s起%s内%s%s", from.Zh, limit.Zh, kind.Zh, turns.Zh),
		En: fmt.Sprintf("%s within %s of %s%s", kind.En, limit.En, from.En, turns.En),
	}
}

// turnsText says what changed a due time beside pauses.
func turnsText(turns []Turn) (out fault.Text) {
	for _, turn := range turns {
		if !turn.NotAfter.IsZero() {
			out.Zh, out.En = out.Zh+"，不晚于并入诉求的时限", out.En+", not later than what was merged in"
			continue
		}
		more := limitText(turn.Extension)
		out.Zh, out.En = out.Zh+"，延期"+more.Zh, out.En+", and "+more.En+" more"
	}
	return out
}

// originTexts are the kinds of clock that count from the same whatever the ticket.
var originTexts = map[Kind]fault.Text{
	KindSign:      {Zh: "派单", En: "dispatch"},
	KindVerify:    {Zh: "答复", En: "the answer"},
	KindOrderSign: {Zh: "交办", En: "being given it"},
	KindReturn:    {Zh: "申请退单", En: "its request"},
	KindExtension: {Zh: "申请延期", En: "its request"},
	KindDialogue:  {Zh: "提出对话", En: "its request"},
}

func (t *Ticket) originText(c Clock) fault.Text {
	if from, same := originTexts[c.Kind]; same {
		return from
	}
	signed := fault.Text{Zh: "签收（最迟自签收期限）", En: "signing, or of the sign deadline"}
	switch o := t.Order(c.Order); {
	case o != nil && c.Start.Equal(o.From):
		return originTexts[KindOrderSign]
	case o != nil:
		return signed
	case c.Cycle > 1:
		return fault.Text{Zh: "重新办理", En: "being opened again"}
	case c.Start.Equal(t.CreateTime):
		return fault.Text{Zh: "提交", En: "filing"}
	default:
		return signed
	}
}

func limitText(l worktime.Limit) fault.Text {
	unit := map[worktime.Unit]string{
		worktime.WorkingMinutes: "个工作分钟", worktime.Workdays: "个工作日", worktime.NaturalHours: "小时", worktime.NaturalDays: "日",
	}[l.Unit]
	out := fault.Text{Zh: fmt.Sprintf("%d%s", l.Amount, unit), En: l.String()}
	if l.Roll {
		l.Roll = false
		out.Zh, out.En = out.Zh+"（遇非工作时间顺延）", l.String()+" (rolled to working time)"
	}
	return out
}
