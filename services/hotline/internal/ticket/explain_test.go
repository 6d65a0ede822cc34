package ticket

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
)

// told writes the way of a kind's newest clock down, a line each.
func (p *play) told(k Kind) string {
	p.Helper()
	x, err := p.t.Explain(p.context(Clockwork))
	if err != nil {
		p.Fatal(err)
	}
	var b strings.Builder
	for _, c := range x.Clocks {
		if c.Clock.ID != p.clock(k).ID {
			continue
		}
		for _, i := range c.Intervals {
			fmt.Fprintf(&b, "%s – %s %s", local(i.From)[5:16], local(i.To)[5:16], i.Reason)
			if i.Counted {
				fmt.Fprintf(&b, " %s", i.Working)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func TestExplainWorkdays(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-02-12 09:00").file() // a Thursday; Saturday is made up, then nine days off
	want := strings.TrimLeft(`
02-12 09:00 – 02-13 00:00 start-day
02-13 00:00 – 02-14 00:00 work 7h0m0s
02-14 00:00 – 02-15 00:00 make-up 7h0m0s
02-15 00:00 – 02-24 00:00 holiday
02-24 00:00 – 02-26 18:00 work 21h0m0s
`, "\n")
	if diff := cmp.Diff(want, p.told(KindAnswer)); diff != "" {
		t.Error(diff)
	}
}

func TestExplainAPause(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign().at("2026-03-04 10:00").ask()
	paused := strings.TrimLeft(`
03-02 09:00 – 03-03 00:00 start-day
03-03 00:00 – 03-04 10:00 work 8h30m0s
03-04 10:00 – 03-05 11:00 paused
`, "\n")
	p.at("2026-03-05 11:00")
	if diff := cmp.Diff(paused, p.told(KindAnswer)); diff != "" {
		t.Error(diff)
	}
	p.reply()
	want := paused + strings.TrimLeft(`
03-05 11:00 – 03-05 12:00 work 1h0m0s
03-05 12:00 – 03-05 14:30 lunch
03-05 14:30 – 03-05 18:00 work 3h30m0s
03-05 18:00 – 03-06 08:30 night
03-06 08:30 – 03-06 12:00 work 3h30m0s
03-06 12:00 – 03-06 14:30 lunch
03-06 14:30 – 03-06 18:00 work 3h30m0s
03-06 18:00 – 03-07 00:00 night
03-07 00:00 – 03-09 00:00 weekend
03-09 00:00 – 03-09 08:30 night
03-09 08:30 – 03-09 12:00 work 3h30m0s
03-09 12:00 – 03-09 14:30 lunch
03-09 14:30 – 03-09 18:00 work 3h30m0s
03-09 18:00 – 03-10 08:30 night
03-10 08:30 – 03-10 12:00 work 3h30m0s
03-10 12:00 – 03-10 14:30 lunch
03-10 14:30 – 03-10 18:00 work 3h30m0s
03-10 18:00 – 03-11 08:30 night
03-11 08:30 – 03-11 09:30 work 1h0m0s
`, "\n")
	if diff := cmp.Diff(want, p.told(KindAnswer)); diff != "" {
		t.Error(diff)
	}
}

func TestExplainARoll(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-06 17:00").file() // a Friday: 24 hours later nobody works
	want := strings.TrimLeft(`
03-06 17:00 – 03-07 17:00 natural 1h0m0s
03-07 17:00 – 03-09 08:30 rolled
`, "\n")
	if diff := cmp.Diff(want, p.told(KindDispatch)); diff != "" {
		t.Error(diff)
	}
}

// TestHoldersShareTheTime: a ticket handed over at the last minute was not that holder's all along (cheat 10).
func TestHoldersShareTheTime(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().at("2026-03-02 16:30").dispatch()
	p.at("2026-03-03 09:30").sign().at("2026-03-03 10:30").ask().at("2026-03-04 10:30").reply().at("2026-03-04 11:30").answer()
	p.at("2026-03-05 10:00").verify(true, true, Satisfied)
	x, err := p.at("2026-03-06 10:00").t.Explain(p.context(Clockwork))
	if err != nil {
		t.Fatal(err)
	}
	// The desk had it from 09:00 to 16:30; the holder after that, without the day of waiting and the verification.
	want := []time.Duration{5 * time.Hour, 1*time.Hour + 30*time.Minute + 2*time.Hour + time.Hour}
	if len(x.Holders) != 2 || x.Holders[0].Working != want[0] || x.Holders[1].Working != want[1] || x.Working != want[0]+want[1] {
		t.Errorf("%+v, in all %s", x.Holders, x.Working)
	}
	if x.Clocks[2].Source != "河南省12345管理办法" {
		t.Errorf("source %q", x.Clocks[2].Source)
	}
}

func TestWorkedAndLeft(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign().at("2026-03-03 10:30")
	look := func(now string) (worked, left time.Duration) {
		c := p.clock(KindAnswer)
		return p.t.Worked(p.city, c, pt.At(now)), c.Left(p.city, pt.At(now))
	}
	check := func(now string, worked, left time.Duration) {
		t.Helper()
		if w, l := look(now); w != worked || l != left {
			t.Errorf("at %s worked %s, left %s; want %s and %s", now, w, l, worked, left)
		}
	}
	h := func(hours float64) time.Duration { return time.Duration(hours * float64(time.Hour)) }
	check("2026-03-03 10:30", h(8.5), h(33))
	p.ask()
	check("2026-03-04 10:30", h(8.5), h(33))
	p.at("2026-03-04 10:30").reply()
	check("2026-03-04 11:30", h(9.5), h(32))
	p.at("2026-03-04 11:30").answer()
	check("2026-03-20 11:30", h(9.5), 0)
}

func TestRulesInWords(t *testing.T) {
	p := in(t, StateInProgress)
	p.take(p.t.Return(p.context(theHolder), ReturnInput{Reason: "other", Message: "m", Target: pt.Market}))
	p.take(p.t.Extend(p.context(theHolder), 2, "m")).take(p.t.AskDialogue(p.context(theFiler), "m"))
	p.take(p.t.CreateOrder(p.context(theDesk), OrderInput{Unit: pt.Water, Message: "m"})).take(p.t.WaiveOrder(p.context(theHolder), 1, "m")).answer()
	got := map[Kind]string{}
	for _, k := range append(Kinds(), OrderKinds()...) {
		text := p.t.Rule(p.clock(k))
		if text.En == "" {
			t.Errorf("%s has no English", k)
		}
		got[k] = text.Zh
	}
	want := map[Kind]string{
		KindDispatch: "自提交起24小时（遇非工作时间顺延）内派单",
		KindSign:     "自派单起24小时（遇非工作时间顺延）内签收",
		KindContact:  "自提交起1个工作日内首次联系",
		KindAnswer:   "自提交起5个工作日内办结答复",
		KindVerify:   "自答复起5个工作日内评价",

		KindOrderSign: "自交办起1个工作日内签收工单",
		KindHandle:    "自交办起3个工作日内办结工单",
		KindReturn:    "自申请退单起1个工作日内裁定退单",
		KindExtension: "自申请延期起1个工作日内决定是否延期",
		KindDialogue:  "自提出对话起3个工作日内安排并进行直接对话",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	p.verify(true, false, Satisfied)
	if text := p.t.Rule(p.clock(KindAnswer)); text.En != "answer within 5 workdays of being opened again" {
		t.Error(text.En)
	}
	p = newPlay(t, p.city, "2026-03-02 09:00")
	f := filing()
	f.Category, f.Urgency = "0801", Urgent
	p.take(File(p.context(theFiler), f)).dispatch().at("2026-03-02 09:20").sign()
	if text := p.t.Rule(p.clock(KindContact)); text.En != "first contact within 2 hours of signing, or of the sign deadline" {
		t.Error(text.En)
	}
}
