package session_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
)

const (
	access  = "__Host-tt_access"
	refresh = "__Secure-tt_refresh"
)

func TestASignInIsAnsweredWithoutItsTokens(t *testing.T) {
	r := newRig(t)
	a := r.signIn()
	who := a.document()
	for field, want := range map[string]string{"city": "410900", "person": "cities/410900/persons/" + person, "displayName": "朱书涵",
		"unit": "cities/410900/units/fgw", "unitName": "发改委", "unitNameEn": "NDRC", "language": "zh-CN"} {
		if who[field] != want {
			t.Errorf("%s is %v", field, who[field])
		}
	}
	if roles, _ := who["roles"].([]any); len(roles) != 1 || roles[0] != "ROLE_ATTENDANT" {
		t.Errorf("roles %v", who["roles"])
	}
	if strings.Contains(a.Body.String(), "refresh-") || strings.Contains(a.Body.String(), a.set[access].Value) {
		t.Errorf("a token in the answer: %s", a.Body)
	}
	if r.byCode.GetParent() != "cities/410900" || r.byCode.GetChallenge() != "c" || len(r.address) != 1 || r.address[0] != "192.0.2.1" {
		t.Errorf("the directory was asked %v from %v", r.byCode, r.address)
	}
	if again := r.do("GET", "/web/session", ""); again.Body.String() != a.Body.String() {
		t.Errorf("who am I: %s, at the sign-in %s", again.Body, a.Body)
	}
	if a.Header().Get("Cache-Control") != "no-store" {
		t.Error("an answer that may be kept")
	}
}

func TestWhoSpeaksForEnterprises(t *testing.T) {
	r := newRig(t)
	r.enterprises = 2
	who := r.signIn().document()
	roles, _ := who["roles"].([]any)
	members, _ := who["enterprises"].([]any)
	admin, _ := who["adminOf"].([]any)
	if len(members) != 2 || len(admin) != 1 || admin[0] != members[0] || !slices.Equal(roles, []any{"ROLE_MEMBER", "ROLE_ENTERPRISE_ADMIN"}) || who["unit"] != "" {
		t.Errorf("%v", who)
	}
}

// TestALongTokenTakesSeveralCookies: a browser drops a cookie over 4,096 bytes without a word.
func TestALongTokenTakesSeveralCookies(t *testing.T) {
	r := newRig(t)
	r.enterprises = 100
	a := r.signIn()
	if a.set[access+"_1"] == nil {
		t.Fatal("one cookie only")
	}
	for _, line := range a.Result().Header.Values("Set-Cookie") {
		if len(line) > 4096 {
			t.Errorf("%d bytes", len(line))
		}
	}
	if again := r.do("GET", "/web/session", ""); again.Code != 200 || len(again.document()["enterprises"].([]any)) != 100 {
		t.Errorf("%d %s", again.Code, again.Body)
	}
	r.enterprises = 0
	a = r.do("POST", "/web/session:refresh", "")
	if a.Code != 200 || a.set[access+"_1"].MaxAge >= 0 {
		t.Errorf("the rest of the longer token stays: %d %v", a.Code, a.set)
	}
	if again := r.do("GET", "/web/session", ""); again.Code != 200 {
		t.Errorf("%d %s", again.Code, again.Body)
	}
}

func TestOtherWaysIn(t *testing.T) {
	r := newRig(t)
	r.want(r.do("POST", "/web/session:signInWithPassword", `{"city":"410900","login":"wu","password":"p"}`), 200, "")
	if r.byLogin.GetParent() != "cities/410900" || r.byLogin.GetLogin() != "wu" || r.byLogin.GetPassword() != "p" {
		t.Errorf("asked %v", r.byLogin)
	}
	r.want(r.do("POST", "/web/session:demoSignIn", `{"persona":"mayor"}`), 200, "")
	if len(r.ended) != 1 {
		t.Errorf("%d sessions ended: whoever signs in anew leaves one behind", len(r.ended))
	}
	r.want(r.do("POST", "/web/session:signInWithCode", `{"city":"410900","challenge":"c","code":"000000"}`), 401, "CODE_WRONG")
	if r.cookies[access] == "" {
		t.Error("a wrong code signed somebody out")
	}
	for body, reason := range map[string]string{`{"challenge":"c","code":"1"}`: "REQUEST_INVALID", `{"city":"x","code":"1"}`: "REQUEST_INVALID", `{"city":1}`: "REQUEST_INVALID",
		`{"city":"410900","parent":"cities/410900"}`: "UNKNOWN_FIELD", `{"city":"410900","who":"x"}`: "UNKNOWN_FIELD", `[]`: "JSON_INVALID"} {
		r.want(r.do("POST", "/web/session:signInWithCode", body), 400, reason)
	}
}

func TestCookiesByConnection(t *testing.T) {
	through := func(proto string) func(*http.Request) {
		return func(r *http.Request) { r.RemoteAddr = "10.1.2.3:999"; r.Header.Set("X-Forwarded-Proto", proto) }
	}
	for name, c := range map[string]struct {
		host   string
		change func(*http.Request)
		secure bool
	}{
		"this machine":             {"127.0.0.1:8080", func(*http.Request) {}, true},
		"its name":                 {"localhost:8080", func(*http.Request) {}, true},
		"its address, version 6":   {"[::1]:8080", func(*http.Request) {}, true},
		"in the clear":             {"12345.example", func(*http.Request) {}, false},
		"encrypted by a proxy":     {"12345.example", through("https"), true},
		"proxies in a row":         {"12345.example", through("http, https"), true},
		"a proxy, in the clear":    {"12345.example", through("https,http"), false},
		"somebody who says https":  {"12345.example", header("X-Forwarded-Proto", "https"), false},
		"encrypted by the gateway": {"12345.example", func(r *http.Request) { r.TLS = httptest.NewRequest("GET", "https://x/", nil).TLS }, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.host = c.host
			a := r.do("POST", "/web/session:demoSignIn", `{"persona":"mayor"}`, c.change)
			names := map[bool][2]string{true: {access, refresh}, false: {"tt_access", "tt_refresh"}}[c.secure]
			token, second := a.set[names[0]], a.set[names[1]]
			if token == nil || second == nil || len(a.set) != 2 {
				t.Fatalf("cookies %v", a.set)
			}
			for _, cookie := range a.set {
				if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Secure != c.secure || cookie.Domain != "" || cookie.MaxAge < 3590 || cookie.MaxAge > 3600 {
					t.Errorf("%v", cookie)
				}
			}
			if token.Path != "/" || second.Path != "/web" {
				t.Errorf("paths %s and %s", token.Path, second.Path)
			}
			if a := r.do("GET", "/web/session", "", c.change); a.Code != 200 {
				t.Errorf("and is not known again: %d", a.Code)
			}
		})
	}
}

// TestACookieInTheClearIsNotReadWhereOthersCanBe: anybody on the way could have planted it.
func TestACookieInTheClearIsNotReadWhereOthersCanBe(t *testing.T) {
	r := newRig(t)
	r.host = "12345.example"
	r.signIn()
	r.host = "127.0.0.1:8080"
	r.want(r.do("GET", "/web/session", ""), 204, "")
	if got := r.do("GET", "/v1/cities/410900/tickets", "").Header().Get("Got-Authorization"); got != "" {
		t.Errorf("as %s", got)
	}
}

func TestRefreshing(t *testing.T) {
	r := newRig(t)
	r.want(r.do("POST", "/web/session:refresh", "{}"), 401, "TOKEN_MISSING")
	r.signIn()
	before, used := r.cookies[access], r.cookies[refresh]
	r.say("expired")
	r.want(r.do("GET", "/web/session", ""), 401, "TOKEN_EXPIRED")
	a := r.do("POST", "/web/session:refresh", "{}")
	r.want(a, 200, "")
	if r.cookies[access] == before || r.cookies[refresh] == used || a.document()["displayName"] != "朱书涵" {
		t.Errorf("%v after %s", r.cookies, a.Body)
	}
	r.want(r.do("GET", "/web/session", ""), 200, "")

	delete(r.cookies, access)
	r.want(r.do("GET", "/web/session", ""), 401, "TOKEN_EXPIRED")

	r.down = wire.Status(fault.New(fault.Unavailable, "UNAVAILABLE", "请稍后。", "Later.")).Err()
	a = r.do("POST", "/web/session:refresh", "{}")
	r.want(a, 503, "UNAVAILABLE")
	if len(a.set) != 0 {
		t.Error("a directory that is away signs people out")
	}
	r.down = nil
	r.cookies[refresh] = used
	a = r.do("POST", "/web/session:refresh", "{}")
	r.want(a, 401, "REFRESH_INVALID")
	if a.set[access].MaxAge >= 0 || a.set[refresh].MaxAge >= 0 || len(r.cookies) != 0 {
		t.Errorf("cookies of a session that is over: %v", r.cookies)
	}
	r.cookies[refresh] = "1." + strings.Repeat("x", 500)
	r.want(r.do("POST", "/web/session:refresh", "{}"), 401, "TOKEN_INVALID")
	if len(r.cookies) != 0 {
		t.Error("what cannot be ours stays")
	}
	r.cookies[refresh] = "garbage"
	r.want(r.do("POST", "/web/session:refresh", "{}"), 401, "TOKEN_MISSING")
	r.want(r.do("POST", "/web/session:refresh", `{"token":"x"}`), 400, "UNKNOWN_FIELD")
}

// TestARefreshedSessionIsKeptThoughNobodyCanSayWhose: the token before it is used up.
func TestARefreshedSessionIsKeptThoughNobodyCanSayWhose(t *testing.T) {
	r := newRig(t)
	r.signIn()
	used := r.cookies[refresh]
	r.nameless = wire.Status(fault.New(fault.Unavailable, "UNAVAILABLE", "请稍后。", "Later.")).Err()
	r.want(r.do("POST", "/web/session:refresh", ""), 503, "UNAVAILABLE")
	if r.cookies[refresh] == used {
		t.Error("the used token is still there")
	}
	r.nameless = nil
	r.want(r.do("GET", "/web/session", ""), 200, "")
}

func TestNonsenseIsNobody(t *testing.T) {
	r := newRig(t)
	for _, token := range []string{"nonsense", "not.a-token.of-ours", "a.e30.b", "a.bm9uZQ.b"} {
		r.cookies[access] = token
		r.want(r.do("GET", "/web/session", ""), 401, "TOKEN_INVALID")
	}
}

func TestSigningOut(t *testing.T) {
	for name, c := range map[string]struct {
		before func(r *rig)
		body   string
		ended  []bool
	}{
		"at once":                     {func(*rig) {}, "{}", []bool{false}},
		"everywhere":                  {func(*rig) {}, `{"everywhere":true}`, []bool{true}},
		"with an expired token":       {func(r *rig) { r.say("expired") }, "", []bool{false}},
		"without an access token":     {func(r *rig) { delete(r.cookies, access) }, "", []bool{false}},
		"from a session that is over": {func(r *rig) { r.say("revoked"); r.newest = nil }, "", nil},
		"though nobody is signed in":  {func(r *rig) { clear(r.cookies) }, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.signIn()
			c.before(r)
			a := r.do("POST", "/web/session:signOut", c.body)
			r.want(a, 200, "")
			if !slices.Equal(r.ended, c.ended) || len(r.cookies) != 0 || a.Header().Get("Clear-Site-Data") != `"cache"` {
				t.Errorf("ended %v, cookies %v, %v", r.ended, r.cookies, a.Header())
			}
			r.want(r.do("GET", "/web/session", ""), 204, "")
		})
	}
	r := newRig(t)
	r.signIn()
	r.down = wire.Status(fault.New(fault.Unavailable, "UNAVAILABLE", "请稍后。", "Later.")).Err()
	a := r.do("POST", "/web/session:signOut", "")
	r.want(a, 503, "UNAVAILABLE")
	if len(a.set) != 0 || a.Header().Get("Clear-Site-Data") != "" {
		t.Error("who is told that they are not signed out cannot try again")
	}
}
