package doctor

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Severity is how bad a finding is.
type Severity int

// The severities, worst first.
const (
	Wrong Severity = iota // somebody has to act now
	Watch                 // somebody should look
)

// Finding is one thing that is wrong, in both languages.
type Finding struct {
	Severity Severity
	Where    string // the process, and its address where there are several
	ZH, EN   string
	Alert    string // whose runbook says what to do
}

// When something is wrong, and when it is worth a look. The alerts wait for it to last; here it is said at once.
const (
	sweepWrong, sweepWatch       = 30.0, 5.0
	followWrong, followWatch     = 30.0, 5.0
	boardWrong, boardWatch       = 5.0, 2.0
	outboxWrong, outboxWatch     = 10.0, 2.0
	diskWrong, diskWatch         = .03, .15
	clockWrong, clockWatch       = 1.0, .5
	failingWrong, failingAtLeast = .02, 2.0
	slowQuantile, slowWatch      = .99, 2.0
	slowAtLeast                  = 20.0
	youngWatch                   = 5 * time.Minute
)

// streamsWatch are most of the streams that the gateway carries to a service.
var streamsWatch = map[string]float64{"hotline": 4000, "agency": 360}

// ours are the codes of calls that failed for a reason of ours.
var ours = []string{"Unknown", "Internal", "DataLoss", "Unavailable", "DeadlineExceeded"}

// Assess compares two readings of the same processes, the second of which is now. Findings come worst first.
func Assess(before, now []Reading) []Finding {
	a := &assessment{several: len(now) > 1}
	for i := range now {
		a.process(&before[i], &now[i])
	}
	slices.SortStableFunc(a.findings, func(x, y Finding) int { return int(x.Severity) - int(y.Severity) })
	return a.findings
}

type assessment struct {
	several  bool
	findings []Finding
}

func (a *assessment) process(before, now *Reading) {
	if now.Err != nil {
		a.add(Wrong, now, nil, "ProcessDown", "不应答：%v", "it does not answer: %v", now.Err)
		return
	}
	names := make([]string, 0, len(now.Failing))
	for name := range now.Failing {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		a.add(Wrong, now, nil, "ProcessDown", "尚未就绪，“%s”未通过：%s", "it is not ready: %s: %s", name, now.Failing[name])
	}
	a.room(now)
	a.clock(now)
	a.deadlines(now)
	a.feeds(now)
	a.streams(now)
	a.young(now)
	if before.Err == nil {
		a.happening(before, now)
	}
}

// add adds a finding; both texts take the same arguments.
func (a *assessment) add(s Severity, r *Reading, p *point, alert, zh, en string, args ...any) {
	where := r.Address
	if p != nil && p.labels["process"] != "" {
		if where = p.labels["process"]; a.several {
			where += "@" + r.Address
		}
	}
	found := Finding{Severity: s, Where: where, Alert: alert, ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
	if !slices.Contains(a.findings, found) {
		a.findings = append(a.findings, found)
	}
}

// above grades what is too much.
func above(value, wrong, watch float64) (Severity, bool) {
	return graded(value > wrong, value > watch)
}

func graded(wrong, watch bool) (Severity, bool) {
	if wrong {
		return Wrong, true
	}
	return Watch, watch
}

func (a *assessment) room(now *Reading) {
	size := now.points("throughtrain_disk_size_bytes")
	for i, free := range now.points("throughtrain_disk_free_bytes") {
		if i >= len(size) || size[i].value <= 0 {
			continue
		}
		share := free.value / size[i].value
		if s, bad := graded(share < diskWrong, share < diskWatch); bad {
			alert := "DiskFillsUp"
			if s == Wrong {
				alert = "DiskFull"
			}
			a.add(s, now, &free, alert, "数据盘只剩 %.1f %%（%.1f GiB）", "%.1f %% of the data disk is left (%.1f GiB)", 100*share, free.value/(1<<30))
		}
	}
}

func (a *assessment) clock(now *Reading) {
	for _, p := range now.points("throughtrain_time_seconds") {
		apart := math.Abs(p.value-float64(now.At.UnixMicro())/1e6) - now.Trip.Seconds()/2
		if s, bad := above(apart, clockWrong, clockWatch); bad {
			a.add(s, now, &p, "ClocksApart", "时钟与本机相差 %s", "its clock and this machine's are %s apart", spell(apart))
		}
	}
}

func (a *assessment) deadlines(now *Reading) {
	for _, p := range now.points("throughtrain_sweep_overdue_seconds") {
		if math.IsNaN(p.value) {
			a.add(Wrong, now, &p, "DatabaseSilent", "数据库不应答", "its database does not answer")
		} else if s, bad := above(p.value, sweepWrong, sweepWatch); bad {
			a.add(s, now, &p, "DeadlinesLate", "最早的时限到期已 %s 仍未处理", "the earliest deadline was due %s ago and is not acted upon", spell(p.value))
		}
	}
	for _, p := range now.points("throughtrain_sweep_set_aside") {
		if p.value > 0 {
			a.add(Wrong, now, &p, "DeadlinesSetAside", "%.0f 个时限反复失败后被搁置，须有人看", "%.0f deadlines failed and are set aside: somebody has to look", p.value)
		}
	}
}

func (a *assessment) feeds(now *Reading) {
	behind := map[string]float64{}
	for _, p := range now.points("throughtrain_feed_follower_lag_events") {
		behind[p.key()] = p.value
	}
	for _, p := range now.points("throughtrain_feed_follower_lag_seconds") {
		consumer, events := p.labels["consumer"], behind[p.key()]
		if consumer == "board" {
			if s, bad := above(p.value, boardWrong, boardWatch); bad {
				a.add(s, now, &p, "BoardBehind", "看板落后 %s，%.0f 个事件", "the board is %s and %.0f events behind", spell(p.value), events)
			}
		} else if s, bad := above(p.value, followWrong, followWatch); bad {
			a.add(s, now, &p, "FollowerLags", "跟随 %s 落后 %s，已知 %.0f 个事件", "it is behind %s by %s, %.0f events that are known of", consumer, spell(p.value), events)
		}
	}
	for _, p := range now.points("throughtrain_feed_follower_gaps_total") {
		if p.value > 0 {
			a.add(Wrong, now, &p, "FeedGap", "启动以来在 %s 的事件流中遇到 %s 次缺口", "since its start it met %[2]s gaps in the feed of %[1]s", p.labels["consumer"], number(p.value))
		}
	}
	for _, p := range now.points("throughtrain_change_outbox_age_seconds") {
		if math.IsNaN(p.value) {
			a.add(Wrong, now, &p, "DatabaseSilent", "数据库不应答", "its database does not answer")
		} else if s, bad := above(p.value, outboxWrong, outboxWatch); bad {
			a.add(s, now, &p, "OutboxWaits", "有事件提交 %s 后仍未进入事件流", "an event committed %s ago has no place in the feed", spell(p.value))
		}
	}
}

func (a *assessment) streams(now *Reading) {
	for _, p := range now.points("throughtrain_http_streams") {
		service := p.labels["service"]
		if most := streamsWatch[service]; most > 0 && p.value > most {
			a.add(Watch, now, &p, "StreamsNearlyFull", "%s 的实时连接 %s 条，接近上限", "%[2]s live streams of %[1]s are open, close to the limit", service, number(p.value))
		}
	}
}

// young tells who has only begun: what was counted before is gone with it.
func (a *assessment) young(now *Reading) {
	for _, p := range now.points("process_start_time_seconds") {
		if age := now.At.Sub(time.UnixMicro(int64(p.value * 1e6))); age < youngWatch {
			a.add(Watch, now, &p, "RestartsOften", "%s 前刚启动", "it started %s ago", spell(age.Seconds()))
		}
	}
}

// spell writes a time as one reads it in either language.
func spell(seconds float64) string {
	switch seconds = max(0, seconds); {
	case seconds < 10:
		return fmt.Sprintf("%.1f s", seconds)
	case seconds < 120:
		return fmt.Sprintf("%.0f s", seconds)
	case seconds < 2*3600:
		return fmt.Sprintf("%.0f min", seconds/60)
	case seconds < 48*3600:
		return fmt.Sprintf("%.1f h", seconds/3600)
	default:
		return fmt.Sprintf("%.1f d", seconds/86400)
	}
}

func number(n float64) string { return fmt.Sprintf("%.0f", n) }
