package desk

import (
	"fmt"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// stateWords are what item states are called.
var stateWords = map[casefile.ItemState]string{
	casefile.Planned: "待提交", casefile.Received: "已接收，待受理", casefile.Retracted: "已撤件", casefile.WindowAccepted: "窗口已受理", casefile.NotAccepted: "不受理",
	casefile.AcceptanceRefused: "不予受理", casefile.CorrectionOpen: "待补正", casefile.Corrected: "已补正", casefile.DepartmentAccepted: "部门审查中",
	casefile.ProcedureOpen: "特别程序中", casefile.ProcedureEnded: "特别程序结束", casefile.Approved: "已批准", casefile.ApprovedTolerantly: "已批准，容缺材料待补",
	casefile.Refused: "不予许可", casefile.Withdrawn: "已撤回", casefile.Revoked: "批准已撤销", casefile.WithdrawalPending: "申请撤回，待单位确认", casefile.Dropped: "不再需要",
}

// troubleWords are what is wrong with an item, in a few words.
var troubleWords = map[string]string{
	casefile.TroubleOverdue: "办理超期", casefile.TroubleRefused: "未获批准", casefile.TroubleStuck: "办理停滞", casefile.TroubleOther: "需要协调",
}

// owedWords are what a unit owes of an item.
var owedWords = map[casefile.Kind]string{
	casefile.KindAccept: "受理或一次性告知", casefile.KindStatutory: "在法定时限内办结", casefile.KindPromised: "在承诺时限内办结", casefile.KindDeliver: "送达证照",
	casefile.KindWithdrawal: "答复撤回申请", casefile.KindExtension: "答复延期申请", casefile.KindCheck: "核查告知承诺",
}

// ticketWords are what a ticket about a case says: which item, whose, since when and what is wrong, and then what the caller says. They are in Chinese, as tickets are.
func ticketWords(city *catalogue.City, c *casefile.Case, code, reason, said string, now time.Time) (title, body string) {
	var b strings.Builder
	fmt.Fprintf(&b, "代办件编号：%s\n", c.Number)
	title = "投资项目审批代办件" + c.Number + "需要协调"
	if i := c.Item(code); i != nil {
		unit, _ := city.Unit(i.Unit)
		title = clip(i.Def.DisplayName, maxTitle) + troubleWords[reason]
		fmt.Fprintf(&b, "审批事项：%s", i.Def.DisplayName)
		if i.Attempt > 0 {
			fmt.Fprintf(&b, "（第%d次申请）", i.Attempt)
		}
		fmt.Fprintf(&b, "\n承办单位：%s\n目前状态：%s（%s起）\n情况：%s\n", unit.DisplayName, stateWords[i.State], civil(i.Since), trouble(c, i, reason, now))
	}
	if said != "" {
		fmt.Fprintf(&b, "\n%s\n", said)
	}
	return title, b.String()
}

// maxTitle is how much of an item's name goes into a title: the hotline takes a hundred characters.
const maxTitle = 80

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// trouble is what is wrong with an item, in a sentence.
func trouble(c *casefile.Case, i *casefile.Item, reason string, now time.Time) string {
	switch reason {
	case casefile.TroubleOverdue:
		var first *casefile.Clock
		for n := range c.Clocks {
			k := &c.Clocks[n]
			if k.Unit != "" && k.Item == i.Def.Code && k.Attempt == i.Attempt && k.Owed() && k.Overdue(now) && (first == nil || k.Due.Before(first.Due)) {
				first = k
			}
		}
		if first != nil && owedWords[first.Kind] != "" {
			return fmt.Sprintf("应于%s前%s，至今没有完成。", civil(first.Due), owedWords[first.Kind])
		}
		return "已超过规定时限，至今没有完成。"
	case casefile.TroubleRefused:
		return fmt.Sprintf("单位的答复是“%s”，项目无法推进。", stateWords[i.State])
	case casefile.TroubleStuck:
		return fmt.Sprintf("%s以来没有任何进展。", civil(i.Touched))
	default:
		return "需要协调解决。"
	}
}

// civil is an instant as people here write it.
func civil(t time.Time) string { return t.In(worktime.Zone).Format("2006年1月2日15:04") }
