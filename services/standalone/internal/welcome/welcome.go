// Package welcome says to who started the product where to click and whom to sign in as. It depends on the demonstration's cast.
package welcome

import (
	"strings"

	"github.com/throughtrain/throughtrain/services/standalone/internal/demo"
)

// About is what there is to say.
type About struct {
	Address string   // where people come in
	Admin   string   // where operators look in; empty for nowhere
	Data    string   // the folder
	Codes   bool     // one-time codes go into the log
	Demo    bool     // it is a demonstration
	Table   []string // of processes, if there are several
}

// Print says it, a line each.
func Print(say func(format string, args ...any), a About) {
	url := "http://" + a.Address
	say("")
	say("  市长直通车 Through-Train  已就绪 · ready")
	say("")
	for _, row := range a.Table {
		say("  %s", row)
	}
	if len(a.Table) > 0 {
		say("")
	}
	say("  网页 open       %s/", url)
	say("  接口 API        %s/v1/", url)
	say("  文档 docs       %s/docs/", url)
	say("  状态 health     %s/healthz", url)
	if a.Admin != "" {
		say("  运维 admin      http://%s/metrics", a.Admin)
	}
	say("  数据 data       %s", a.Data)
	if a.Codes {
		say("  验证码 codes    未配置短信网关，验证码写入日志 · no message gateway: codes are in the log (stderr)")
	}
	if a.Demo {
		aboutDemo(say, url)
	} else {
		say("  管理员 admin    首次启动时，初始口令写入日志 · the administrator's first password is in the log, until it is used")
	}
	say("")
	say("  停止 stop       Ctrl-C")
	say("")
}

func aboutDemo(say func(format string, args ...any), url string) {
	say("")
	say("  ************************************************************************")
	say("  **  演示模式：任何人无需验证即可以下列任一身份登录，切勿存放真实数据  **")
	say("  **  DEMONSTRATION: anybody is let in as anybody. No real data here.   **")
	say("  ************************************************************************")
	say("")
	say("  角色 personas   %s", strings.Join(demo.Personas(), ", "))
	say("                  clerk-UNIT, leader-UNIT, agent-UNIT (UNIT: fgw, zrj, zjj, zwj, tzzx …)")
	say("  登录 sign in    curl -s %s/v1/demo:signIn -H 'Content-Type: application/json' -d '{\"persona\":\"entrepreneur\"}'", url)
}
