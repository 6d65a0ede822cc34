package doctor

import (
	"math"
	"slices"
)

// happening looks at what was counted between two readings.
func (a *assessment) happening(before, now *Reading) {
	rpc := now.since(before, "throughtrain_rpc_server_duration_seconds")
	a.failing(now, rpc, "ServiceCallsFail", func(p point) bool { return slices.Contains(ours, p.labels["code"]) }, "method",
		"%s 次调用中有 %s 次因我方原因失败，多在 %s", "%[2]s of %[1]s calls failed for reasons of ours, most at %[3]s")
	web := now.since(before, "throughtrain_http_request_duration_seconds")
	a.failing(now, web, "RequestsFail", func(p point) bool { return p.labels["status"] == "5xx" }, "route",
		"%s 个请求中有 %s 个因我方原因失败，多在 %s", "%[2]s of %[1]s requests failed for reasons of ours, most at %[3]s")
	a.slow(now, web)
	for _, p := range now.since(before, "throughtrain_change_commits_total") {
		if p.labels["outcome"] == "failed" && p.value > 0 {
			a.add(Wrong, now, &p, "CommitsFail", "有 %s 次提交写不进数据库", "%s changes could not be written to the database", number(p.value))
		}
	}
	for _, c := range []struct{ metric, alert, zh, en string }{
		{"throughtrain_sweep_failures_total", "DeadlinesFail", "时限处理刚失败了 %s 次", "acting on deadlines has just failed %s times"},
		{"throughtrain_feed_follower_failures_total", "FollowerLags", "跟随事件流刚失败了 %s 次", "following a feed has just failed %s times"},
		{"throughtrain_live_failures_total", "LiveUpdatesFail", "实时更新刚失败了 %s 次", "live updates have just failed %s times"},
	} {
		for _, p := range now.since(before, c.metric) {
			if p.value > 0 {
				a.add(Watch, now, &p, c.alert, c.zh, c.en, number(p.value))
			}
		}
	}
}

// failing compares failures with all, by process, and names where most of them are.
func (a *assessment) failing(now *Reading, points []point, alert string, failed func(point) bool, by, zh, en string) {
	type count struct {
		all, failed float64
		at          map[string]float64
		one         point
	}
	counts := map[string]*count{}
	var processes []string
	for _, p := range points {
		process := p.labels["process"]
		c := counts[process]
		if c == nil {
			c = &count{at: map[string]float64{}, one: p}
			counts[process] = c
			processes = append(processes, process)
		}
		c.all += p.value
		if failed(p) {
			c.failed += p.value
			c.at[p.labels[by]] += p.value
		}
	}
	slices.Sort(processes)
	for _, process := range processes {
		c := counts[process]
		if c.failed == 0 {
			continue
		}
		most, at := 0.0, ""
		for place, n := range c.at {
			if n > most || n == most && place < at {
				most, at = n, place
			}
		}
		s, _ := graded(c.failed >= failingAtLeast && c.failed/c.all > failingWrong, true)
		a.add(s, now, &c.one, alert, zh, en, number(c.all), number(c.failed), at)
	}
}

// slow looks at how long the slowest hundredth of what was asked took at least.
func (a *assessment) slow(now *Reading, points []point) {
	counts := map[float64]uint64{}
	var all float64
	for _, p := range points {
		all += p.value
		for _, b := range p.buckets {
			counts[b.GetUpperBound()] += b.GetCumulativeCount()
		}
	}
	if all < slowAtLeast {
		return
	}
	least := 0.0 // the greatest bound under which fewer than the quantile were answered
	for bound, n := range counts {
		if float64(n) < slowQuantile*all && !math.IsInf(bound, 1) {
			least = max(least, bound)
		}
	}
	if least >= slowWatch {
		a.add(Watch, now, &points[0], "RequestsSlow", "百分之一的请求慢于 %s", "one request in a hundred takes longer than %s", spell(least))
	}
}

// Summary is what a product does, beside what is wrong.
type Summary struct {
	Processes, Down            int
	Open, Overdue, DueToday    float64 // obligations
	Requests, Failed, Watching float64 // requests between the readings, streams now
}

// obligation is what is counted once, however many replicas ask the same database for it.
type obligation struct{ process, city, kind, state string }

// Summarise adds up what there is.
func Summarise(before, now []Reading) Summary {
	s := Summary{Processes: len(now)}
	open := map[obligation]float64{}
	for i := range now {
		if now[i].Err != nil {
			s.Down++
			continue
		}
		for _, p := range now[i].points("throughtrain_obligations_open") {
			one := obligation{p.labels["process"], p.labels["city"], p.labels["kind"], p.labels["state"]}
			open[one] = max(open[one], p.value)
		}
		for _, p := range now[i].points("throughtrain_http_streams") {
			s.Watching += p.value
		}
		if before[i].Err != nil {
			continue
		}
		for _, p := range now[i].since(&before[i], "throughtrain_http_request_duration_seconds") {
			s.Requests += p.value
			if p.labels["status"] == "5xx" {
				s.Failed += p.value
			}
		}
	}
	for one, value := range open {
		s.Open += value
		switch one.state {
		case "overdue":
			s.Overdue += value
		case "today":
			s.DueToday += value
		}
	}
	return s
}
