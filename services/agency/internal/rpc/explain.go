package rpc

import (
	"context"
	"fmt"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// ExplainCase tells how each deadline came about, as far as what it belongs to is shown.
func (s *Server) ExplainCase(ctx context.Context, in *agencyv1.ExplainCaseRequest) (*agencyv1.ExplainCaseResponse, error) {
	view, explained, err := s.desk.Explain(ctx, callerOf(ctx), refOf(in.GetName()), in.GetItem())
	if err != nil {
		return nil, err
	}
	show, out := show(ctx, &view), &agencyv1.ExplainCaseResponse{}
	for i := range explained.Clocks {
		if e := &explained.Clocks[i]; show.showsClock(&e.Clock) {
			out.Clocks = append(out.Clocks, show.explanation(e))
		}
	}
	return out, nil
}

func (s *shown) explanation(e *casefile.ClockExplanation) *agencyv1.ClockExplanation {
	k := &e.Clock
	out := &agencyv1.ClockExplanation{Clock: s.clock(*k), Title: s.clockTitle(k), Owner: s.Pick("项目单位", "The enterprise"), Rule: s.Say(rule(k))}
	if k.Unit != "" {
		out.Owner = s.unitName(k.Unit, k.Start)
	}
	for _, step := range e.Steps {
		out.Steps = append(out.Steps, &agencyv1.ExplanationStep{StartTime: stamp(step.From), EndTime: stamp(step.To), Kind: step.Kind,
			WorkingMinutes: int64(step.Working / time.Minute), Text: s.Say(stepText(step))})
	}
	return out
}

// clockTitle is what is owed, and of which item.
func (s *shown) clockTitle(k *casefile.Clock) string {
	said := s.clockName(k)
	if i := s.Case.Item(k.Item); i != nil {
		said = s.itemName(i) + s.Pick("：", ": ") + said
	}
	return said
}

// rule is what a clock demands: what, within which limit, counted from where, what was added since, and what silence means.
func rule(k *casefile.Clock) fault.Text {
	what, from, silence := clockTexts[k.Kind], originTexts[k.Kind], silenceTexts[k.Kind]
	if k.Kind == casefile.KindEntrustment {
		return from
	}
	limit, more := limitText(k.Limit), fault.Text{}
	for _, m := range k.More {
		more.Zh, more.En = more.Zh+"，延长"+limitText(m.Limit).Zh, more.En+", and "+limitText(m.Limit).En+" more"
	}
	return fault.Text{
		Zh: fmt.Sprintf("自%s起%s内%s%s%s", from.Zh, limit.Zh, what.Zh, more.Zh, silence.Zh),
		En: fmt.Sprintf("%s within %s of %s%s%s", what.En, limit.En, from.En, more.En, silence.En),
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

// stepText is why time counted in a stretch or did not.
func stepText(s casefile.Step) fault.Text {
	if s.Kind != casefile.StepStands {
		return stepTexts[s.Reason]
	}
	if procedure, ok := procedureTexts[s.Reason]; ok {
		return fault.Text{Zh: "特别程序（" + procedure.Zh + "），暂停计时", En: "stands still for " + procedure.En}
	}
	if said, ok := stepTexts[s.Reason]; ok {
		return said
	}
	return fault.Text{Zh: "暂停计时", En: "stands still"}
}
