package doctor

import (
	"fmt"
	"io"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// mostFindings fit on a screen of forty lines with what else is said.
const mostFindings = 16

var marks = map[Severity]string{Wrong: "✗", Watch: "!"}

// Write says on one screen what is wrong, worst first, and what goes on.
func Write(out io.Writer, at time.Time, over time.Duration, s Summary, findings []Finding) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	say("直通车现在怎样 · Through-Train now  %s  进程 processes %d", at.In(worktime.Zone).Format(time.DateTime), s.Processes)
	say("")
	for i, f := range findings {
		if i == mostFindings {
			say("  …  还有 %[1]d 项 / and %[1]d more", len(findings)-i)
			break
		}
		say("  %s %s  %s", marks[f.Severity], f.Where, f.ZH)
		say("      %s  → %s", f.EN, f.Alert)
	}
	switch {
	case len(findings) > 0:
		say("")
		say("  处理办法见告警说明 / what to do: deploy/observe/prometheus/alerts.rules.yml, by the name after →")
	case s.Processes > 0:
		say("  ✓ 一切正常 / nothing is wrong")
	}
	say("")
	say("  在办义务 obligations %.0f · 逾期 overdue %.0f · 今日到期 due today %.0f", s.Open, s.Overdue, s.DueToday)
	say("  最近 %s 请求 requests %.0f · 失败 failed %.0f · 实时连接 live streams %.0f", over, s.Requests, s.Failed, s.Watching)
}

// Worst is the worst severity among findings; false when there is none.
func Worst(findings []Finding) (Severity, bool) {
	if len(findings) == 0 {
		return 0, false
	}
	return findings[0].Severity, true
}
