package standalone_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"testing"

	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/standalone"
)

func withDemo(c *standalone.Config) { c.Demo = true }

// personas is what scripts rely on: who there is, and what they may be.
var personas = map[string]string{
	"entrepreneur": "ROLE_ENTERPRISE_ADMIN", "entrepreneur2": "ROLE_ENTERPRISE_ADMIN", "attendant": "ROLE_ATTENDANT",
	"attendant2": "ROLE_ATTENDANT", "clerk": "ROLE_CLERK", "dispatcher": "ROLE_DISPATCHER", "supervisor": "ROLE_SUPERVISOR",
	"mayor": "ROLE_MAYOR_OFFICE", "leader": "ROLE_LEADER", "agent": "ROLE_AGENT", "admin": "ROLE_CITY_ADMIN", "auditor": "ROLE_AUDITOR",
}

func TestEveryPersonaPlays(t *testing.T) {
	data := t.TempDir()
	b := boot(t, data, withDemo)
	before := b.cast()
	if fmt.Sprint(before["entrepreneur"]["enterprises"]) == fmt.Sprint(before["entrepreneur2"]["enterprises"]) {
		t.Error("both entrepreneurs have one enterprise")
	}
	filer := before["entrepreneur"].text("accessToken")
	ticket := b.want(filer, http.MethodPost, city+"/tickets", fields{"title": "停水", "body": "厂区停水。"})
	b.idle()
	path := "/v1/" + ticket.text("name")
	ticket = b.want(filer, http.MethodGet, path, nil)
	if ticket.text("holder") != before["attendant"].text("person") || ticket.text("state") != "DISPATCHED" {
		t.Errorf("the first entrepreneur's ticket is %s with %s", ticket.text("state"), ticket.text("holder"))
	}
	for persona, sees := range map[string]bool{"clerk": true, "leader": true, "mayor": true, "dispatcher": true, "supervisor": true,
		"auditor": true, "entrepreneur2": false, "attendant2": false, "agent": false} {
		if status, _ := b.call(before[persona].text("accessToken"), http.MethodGet, path, nil); (status == http.StatusOK) != sees {
			t.Errorf("%s: %d", persona, status)
		}
	}
	b.shut()

	// Opened again, it is the same demonstration.
	b = boot(t, data, withDemo)
	after := b.cast()
	for persona, session := range before {
		if after[persona].text("person") != session.text("person") || fmt.Sprint(after[persona]["enterprises"]) != fmt.Sprint(session["enterprises"]) {
			t.Errorf("%s was %v %v and is %v %v", persona, session["person"], session["enterprises"], after[persona]["person"], after[persona]["enterprises"])
		}
	}
	if total := b.want(after["mayor"].text("accessToken"), http.MethodGet, city+"/board", nil).in("total"); total.in("open").text("value") != "1" {
		t.Errorf("the board shows %v", total["open"])
	}
	b.quiet()
}

// cast signs every persona in.
func (b *booted) cast() map[string]document {
	b.t.Helper()
	out := map[string]document{}
	for persona, role := range personas {
		session := b.as(persona)
		if roles, _ := session["roles"].([]any); !slices.Contains(roles, any(role)) {
			b.t.Errorf("%s holds %v, want %s", persona, session["roles"], role)
		}
		out[persona] = session
	}
	if status, answer := b.call("", http.MethodPost, "/v1/demo:signIn", fields{"persona": "nobody"}); status != http.StatusNotFound || answer.reason() != "PERSONA_UNKNOWN" {
		b.t.Errorf("an unknown persona: %d %s", status, answer.reason())
	}
	return out
}

// TestDemoStaysAtHome: others must not reach it, its people must not be sent anything, and without the switch it is not there.
// TestRealDataAreNoDemonstration: data that somebody signed in to for real are not opened to anybody; those of a demonstration,
// and those that only hold a city's officials, are.
func TestRealDataAreNoDemonstration(t *testing.T) {
	data := t.TempDir()
	boot(t, data).shut()
	b := boot(t, data, withDemo)
	b.as("entrepreneur")
	b.byCode("13800138000")
	b.shut()
	boot(t, data, withDemo).shut()

	for name, enters := range map[string]func(b *booted){
		"a phone":    func(b *booted) { b.byCode("13800138000") },
		"a password": func(b *booted) { b.byPassword("wuzhenhua") },
	} {
		theirs := t.TempDir()
		b = boot(t, theirs)
		enters(b)
		b.shut()
		s, err := standalone.New(t.Context(), standalone.Config{Data: theirs, Cities: []string{puyang}, Demo: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(t.Context()); !errors.Is(err, standalone.ErrDemoOnRealData) {
			t.Errorf("%s: opened as a demonstration: %v", name, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestDemoStaysAtHome(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	config := standalone.Config{Data: t.TempDir(), Cities: []string{puyang}, Demo: true, Listener: listener}
	if _, err := standalone.New(t.Context(), config); !errors.Is(err, standalone.ErrDemoExposed) {
		t.Errorf("on %s: %v", listener.Addr(), err)
	}
	config.Listener, config.Gateway = nil, directory.Gateway{URL: "https://sms.example", Secret: []byte("secret")}
	if _, err := standalone.New(t.Context(), config); err == nil {
		t.Error("a demonstration sends messages")
	}
	b := boot(t, t.TempDir())
	if status, answer := b.call("", http.MethodPost, "/v1/demo:signIn", fields{"persona": "mayor"}); status != http.StatusNotFound || answer.reason() != "ROUTE_NOT_FOUND" {
		t.Errorf("without --demo: %d %s", status, answer.reason())
	}
}

// TestAFailedStartLeavesNothing: the data can be opened again at once.
func TestAFailedStartLeavesNothing(t *testing.T) {
	data := t.TempDir()
	s, err := standalone.New(t.Context(), standalone.Config{Data: data, Demo: true}) // and no city to play in
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(context.Background()); err == nil {
		t.Error("it starts")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	boot(t, data)
}
