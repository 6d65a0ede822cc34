package main

import (
	"net"
	"strings"

	"github.com/throughtrain/throughtrain/services/standalone"
)

// welcome says where to click and whom to sign in as.
func (c *serveCommand) welcome(t *terminal, main, admin net.Listener) {
	url := "http://" + main.Addr().String()
	t.say("")
	t.say("  市长直通车 Through-Train  已就绪 · ready")
	t.say("")
	t.say("  接口 API        %s/v1/", url)
	t.say("  文档 docs       %s/docs/", url)
	t.say("  状态 health     %s/healthz", url)
	if admin != nil {
		t.say("  运维 admin      http://%s/metrics", admin.Addr())
	}
	t.say("  数据 data       %s", c.Data)
	if c.MessageGateway == "" {
		t.say("  验证码 codes    未配置短信网关，验证码写入日志 · no message gateway: codes are in the log (stderr)")
	}
	if c.Demo {
		c.welcomeToDemo(t, url)
	} else {
		t.say("  管理员 admin    首次启动时，初始口令写入日志 · the administrator's first password is in the log, until it is used")
	}
	t.say("")
	t.say("  停止 stop       Ctrl-C")
	t.say("")
}

func (c *serveCommand) welcomeToDemo(t *terminal, url string) {
	t.say("")
	t.say("  ************************************************************************")
	t.say("  **  演示模式：任何人无需验证即可以下列任一身份登录，切勿存放真实数据  **")
	t.say("  **  DEMONSTRATION: anybody is let in as anybody. No real data here.   **")
	t.say("  ************************************************************************")
	t.say("")
	t.say("  角色 personas   %s", strings.Join(standalone.Personas(), ", "))
	t.say("                  clerk-UNIT, leader-UNIT, agent-UNIT (UNIT: fgw, zrj, zjj, zwj, tzzx …)")
	t.say("  登录 sign in    curl -s %s/v1/demo:signIn -H 'Content-Type: application/json' -d '{\"persona\":\"entrepreneur\"}'", url)
}
