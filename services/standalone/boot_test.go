package standalone_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/standalone"
)

// TestFromAPhoneToTheBoard goes the whole way as a newcomer would: nobody is bound, nobody has a password, and the process is
// stopped in the middle of the life of its data.
func TestFromAPhoneToTheBoard(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	b := boot(t, data)
	filer := b.byCode("13800138000")
	ticket := b.want(filer.text("accessToken"), http.MethodPost, city+"/tickets",
		fields{"title": "车间停电", "body": "主线路故障，已停电两天，订单交不出去。", "category": "0302"})
	path := "/v1/" + ticket.text("name")
	if ticket.text("state") != "FILED" || ticket.text("number") == "" || len(ticket["clocks"].([]any)) == 0 {
		t.Fatalf("filed: %v", ticket)
	}
	b.idle() // routed
	ticket = b.want(filer.text("accessToken"), http.MethodGet, path, nil)
	official := b.holder(ticket.text("holder"), "luozhenhua", "liangzhiqiang") // of the power supply
	act := func(who document, verb string, body fields, state string) {
		t.Helper()
		if ticket = b.want(who.text("accessToken"), http.MethodPost, path+":"+verb, body); ticket.text("state") != state {
			t.Fatalf("%s leads to %s, want %s", verb, ticket.text("state"), state)
		}
	}
	act(official, "sign", fields{}, "IN_PROGRESS")
	act(official, "contact", fields{"channel": "PHONE", "note": "已联系"}, "IN_PROGRESS")
	act(official, "ask", fields{"question": "受影响的线路编号是什么？"}, "WAITING")
	act(filer, "reply", fields{"text": "10 kV 03 线"}, "IN_PROGRESS")

	b.shut()
	b = boot(t, data)
	if kept := b.want(filer.text("accessToken"), http.MethodGet, path, nil); kept.text("state") != "IN_PROGRESS" {
		t.Fatalf("after a restart: %v", kept)
	}
	act(official, "answer", fields{"outcome": "SOLVED", "text": "故障电缆已更换，今日十二点恢复供电，后续有问题直接找我。"}, "ANSWERED")
	filer = b.want("", http.MethodPost, "/v1/sessions:refresh", fields{"refreshToken": filer.text("refreshToken")})
	act(filer, "verify", fields{"contacted": true, "solved": true, "satisfied": "SATISFIED"}, "CLOSED")

	office := b.byPassword("zhangweidong").text("accessToken")
	total := b.want(office, http.MethodGet, city+"/board", nil).in("total")
	if total.in("closed").text("value") != "1" || total.in("open").text("value") != "0" || total.in("rates", "resolution")["basisPoints"] != 10000.0 {
		t.Errorf("the board shows %v", total)
	}
	if check := b.want(office, http.MethodGet, city+"/board:check", nil); check["equal"] != true {
		t.Errorf("the board differs from a recount: %v", check)
	}
	b.shut()
	if broken := verify(t, data); broken > 0 {
		t.Errorf("%d histories do not verify", broken)
	}
	b.quiet()
}

// holder signs in whichever of these officials holds something.
func (b *booted) holder(name string, logins ...string) document {
	b.t.Helper()
	for _, login := range logins {
		if session := b.byPassword(login); session.text("person") == name {
			return session
		}
	}
	b.t.Fatalf("%s holds it, none of %v", name, logins)
	return nil
}

// verify recomputes the journals and returns how many faults there are.
func verify(t *testing.T, data string) (faults int) {
	t.Helper()
	services := 0
	err := standalone.VerifyJournals(t.Context(), data, func(service string, found change.Verified) {
		services++
		faults += len(found.Faults)
		if found.Events == 0 && service != "agency" { // which has nothing to do with tickets
			t.Errorf("%s has no events", service)
		}
	})
	if err != nil || services != 4 {
		t.Fatalf("%d services verified: %v", services, err)
	}
	return faults
}

// quiet fails if anything was logged that an operator would have to look at. Refused calls are their callers' business.
func (b *booted) quiet() {
	b.t.Helper()
	for _, line := range b.logs.All() {
		if line.Level >= zap.WarnLevel && line.Message != "call" && !strings.HasPrefix(line.Message, "initial password") {
			b.t.Errorf("logged: %s %s %v", line.LoggerName, line.Message, line.ContextMap())
		}
	}
}

// TestTheAdministratorGetsIn reads the first password where an operator reads it.
func TestTheAdministratorGetsIn(t *testing.T) {
	b := boot(t, t.TempDir())
	for _, line := range b.logs.All() {
		seen := line.ContextMap()
		password, ok := seen["password"].(string)
		if !ok {
			continue
		}
		session := b.want("", http.MethodPost, city+"/sessions:signInWithPassword", fields{"login": seen["login"], "password": password})
		if roles, _ := session["roles"].([]any); len(roles) != 1 || roles[0] != "ROLE_CITY_ADMIN" {
			t.Errorf("signed in as %v", session["roles"])
		}
		return
	}
	t.Error("no first password is in the log")
}

func TestDataBelongToOneProcess(t *testing.T) {
	data := t.TempDir()
	b := boot(t, data)
	_, err := standalone.New(t.Context(), standalone.Config{Data: data})
	if err == nil || !strings.Contains(err.Error(), data) || !strings.Contains(err.Error(), "in use") {
		t.Fatalf("a second process: %v", err)
	}
	b.shut()
	s, err := standalone.New(t.Context(), standalone.Config{Data: data})
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestARestartTakesNothingBack: files that an administrator applied stay in force when the process starts again with the folder
// that it started with before, and go when the folder says something new.
func TestARestartTakesNothingBack(t *testing.T) {
	data, folder := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "city")
	if err := os.CopyFS(folder, os.DirFS(puyang)); err != nil {
		t.Fatal(err)
	}
	with := func(c *standalone.Config) { c.Cities = []string{folder} }
	edit := func(old, replacement string) {
		t.Helper()
		path := filepath.Join(folder, "policies.yaml")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), old) {
			t.Fatalf("%s does not hold %q", path, old)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, replacement)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	version := func(b *booted) string {
		t.Helper()
		return b.want("", http.MethodGet, city, nil).text("configVersion")
	}
	b := boot(t, data, with)
	edit("limit: 10 workdays", "limit: 9 workdays")
	_, files, err := directory.ReadCity(folder)
	if err != nil {
		t.Fatal(err)
	}
	var sent []fields
	for _, f := range files {
		sent = append(sent, fields{"path": f.GetPath(), "content": f.GetContent()})
	}
	admin := b.byPassword("zhaoguangming").text("accessToken")
	if applied := b.want(admin, http.MethodPost, city+":apply", fields{"files": sent}); applied.text("version") != "2" {
		t.Fatalf("applied: %v", applied)
	}
	b.shut()

	edit("limit: 9 workdays", "limit: 10 workdays")
	b = boot(t, data, with)
	if got := version(b); got != "2" {
		t.Errorf("a restart with the old folder leads to version %s", got)
	}
	if b.logs.FilterMessageSnippet("has been replaced since").Len() != 1 {
		t.Error("the log does not say that the folder was left alone")
	}
	b.shut()

	edit("limit: 10 workdays", "limit: 8 workdays")
	if got := version(boot(t, data, with)); got != "3" {
		t.Errorf("a restart with a new folder leads to version %s", got)
	}
}
