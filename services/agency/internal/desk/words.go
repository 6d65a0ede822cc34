package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// What people sign, in words. The same terms always make the same words: who signs sends the hash of what they read. They are in Chinese, as what binds
// an enterprise here is; names of people are not in them.

// agreementWords are the city's usual words of an entrustment.
func agreementWords(city *catalogue.City, c *casefile.Case, title string, in Offer) string {
	name, _ := city.DisplayName()
	scope := "本项目全部审批阶段及水、电、气、热、排水、通信报装"
	if len(in.Stages) > 0 {
		var names []string
		for _, s := range c.Stages {
			if slices.Contains(in.Stages, s.Code) {
				names = append(names, s.DisplayName)
			}
		}
		scope = strings.Join(names, "、")
	}
	return fmt.Sprintf("投资项目审批代办委托书\n\n项目：%s（代办编号 %s）\n\n一、项目单位自愿委托%s代办机构为本项目提供审批代办服务，委托范围：%s。\n二、代办服务不收取任何费用，法定规费除外。帮办代办不包办：项目单位对所提供材料的真实性负责，承诺书须由项目单位自行签署。\n三、委托期限至%s止。任何一方可以随时终止委托，已受理的事项继续办理。\n四、代办员的每一步操作对项目单位全程可见。\n",
		title, c.Number, name, scope, in.Expire.In(worktime.Zone).Format("2006年1月2日"))
}

// consequences are what an overdue commitment means.
var consequences = map[string]string{
	catalogue.ConsequenceWithdrawn: "视为撤回申请",
	catalogue.ConsequenceRefused:   "作出不予许可的决定",
	catalogue.ConsequenceRevoked:   "撤销已作出的决定及所发证照",
}

// commitmentWords are the words of a commitment.
func commitmentWords(c *casefile.Case, title string, t casefile.Terms) string {
	i := c.Item(t.Item)
	if t.Kind == agencyv1.Commitment_PROMISE {
		return fmt.Sprintf("告知承诺书\n\n项目：%s（代办编号 %s）\n事项：%s（第%d次申请）\n\n本单位已知晓该事项的条件、标准和要求，承诺自决定作出之日起%d个工作日内符合全部条件，并接受核查。逾期未履行或者核查不符且未按期整改的，%s，并记入信用记录；修复前不再适用容缺受理和告知承诺。\n",
			title, c.Number, i.Def.DisplayName, t.Attempt, t.Workdays, consequences[t.Consequence])
	}
	return fmt.Sprintf("容缺受理承诺书\n\n项目：%s（代办编号 %s）\n事项：%s（第%d次申请）\n\n主要材料已齐全，尚缺次要材料：%s。本单位承诺自受理之日起%d个工作日内补齐上述材料，以送达之日为准。逾期未补齐的，%s；已作出决定的，撤销决定及所发证照，并记入信用记录；修复前不再适用容缺受理和告知承诺。\n",
		title, c.Number, i.Def.DisplayName, t.Attempt, materialNames(c, t.Materials), t.Workdays, consequences[t.Consequence])
}

func materialNames(c *casefile.Case, codes []string) string {
	names := make([]string, len(codes))
	for n, code := range codes {
		m, _ := c.Material(code)
		names[n] = "《" + m.DisplayName + "》"
	}
	return strings.Join(names, "、")
}

// toleranceNotice is what the enterprise is told when an item is accepted upon its commitment: items, date and consequence; nothing when it is not.
func toleranceNotice(city *catalogue.City, c *casefile.Case, item string, now time.Time) string {
	i := c.Item(item)
	if i == nil {
		return ""
	}
	for n := len(c.Commitments) - 1; n >= 0; n-- {
		k := c.Commitments[n]
		if k.Item != item || k.Attempt != i.Attempt || k.Kind != agencyv1.Commitment_TOLERANCE || k.State != agencyv1.Commitment_SIGNED {
			continue
		}
		missing := c.StillMissing(k)
		if len(missing) == 0 {
			return ""
		}
		due := city.Calendar().Add(now, workdaysLimit(k.Workdays)).Due.In(worktime.Zone)
		return fmt.Sprintf("容缺受理通知\n\n%s已受理，审查同步进行。请于%s前补齐：%s。逾期未补齐的，%s，并记入信用记录。\n",
			i.Def.DisplayName, due.Format("2006年1月2日15:04"), materialNames(c, missing), consequences[k.Consequence])
	}
	return ""
}
