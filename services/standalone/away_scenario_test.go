//go:build scenario

package standalone_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
)

// TestTheAttendantServiceIsAwayForAnHour: filing, dispatching and signing go on without it. When it is back it proposes for what it
// finds filed; whom the dispatcher has chosen meanwhile keeps the ticket, and the claim made for it is given back.
func TestTheAttendantServiceIsAwayForAnHour(t *testing.T) {
	data, clock := t.TempDir(), movable.New(monday)
	b := boot(t, data, withDemo, onClock(clock))
	chosen := b.as("attendant2").text("person") // bound to none of those who file below but the second
	b.shut()

	b = open(t, data, onClock(clock))
	if err := b.LeaveOutAttendant(); err != nil {
		t.Fatal(err)
	}
	b.start()
	people := b.entrepreneurs()
	desk, office := b.byPassword("wuzhenhua").text("accessToken"), b.byPassword("zhangweidong").text("accessToken")
	byHand, left := map[string]bool{}, map[string]bool{}
	for i := range 120 { // more than one stretch of the feed
		name := b.want(people[i%len(people)], http.MethodPost, city+"/tickets", fields{"title": "停水", "body": fmt.Sprint("厂区停水，第", i, "次。")}).text("name")
		if i%3 > 0 {
			left[name] = true
			continue
		}
		byHand[name] = true
		if i%2 > 0 { // the others are dispatched at once
			clock.Advance(30 * time.Second)
		}
		ticket := b.want(desk, http.MethodPost, "/v1/"+name+":dispatch", fields{"official": chosen})
		if ticket.text("state") != "DISPATCHED" || ticket.text("holder") != chosen {
			t.Fatalf("dispatched by hand: %s with %s", ticket.text("state"), ticket.text("holder"))
		}
	}
	clock.Set(monday.Add(time.Hour))
	for name := range left {
		if state := b.want(office, http.MethodGet, "/v1/"+name, nil).text("state"); state != "FILED" {
			t.Errorf("%s is %s while nobody proposes", name, state)
		}
	}
	b.shut()

	b = boot(t, data, withDemo, onClock(clock))
	b.idle()
	office = b.as("mayor").text("accessToken")
	held := map[string]int{}
	for name := range byHand {
		ticket := b.want(office, http.MethodGet, "/v1/"+name, nil)
		held[ticket.text("holder")]++
		if ticket.text("holder") != chosen || ticket.text("state") != "DISPATCHED" {
			t.Errorf("what was dispatched by hand is %s with %s", ticket.text("state"), ticket.text("holder"))
		}
		if n := b.count(office, "/v1/"+name, "route_refused"); n != 1 {
			t.Errorf("of what was dispatched by hand, %d claims were given back", n)
		}
	}
	for name := range left {
		ticket := b.want(office, http.MethodGet, "/v1/"+name, nil)
		held[ticket.text("holder")]++
		if ticket.text("state") != "DISPATCHED" || ticket.in("routing").text("reason") == "" {
			t.Errorf("what was left to routing is %s with %s", ticket.text("state"), ticket.text("holder"))
		}
	}
	if len(held) < 5 {
		t.Errorf("all is held by %v", held)
	}
	// Nobody carries what they do not hold: each claim that came too late was given back.
	desk = b.as("dispatcher").text("accessToken")
	for _, official := range b.attendants(desk) {
		path := "/v1/" + strings.Replace(official, "/persons/", "/officials/", 1) + "/presence"
		if load, _ := b.want(desk, http.MethodGet, path, nil)["load"].(float64); int(load) != held[official] {
			t.Errorf("%s holds %d and carries %v", official, held[official], load)
		}
	}
	if check := b.want(b.as("admin").text("accessToken"), http.MethodGet, city+"/board:check", nil); check["equal"] != true {
		t.Errorf("the board differs from a recount: %v", check)
	}
}

// entrepreneurs signs those of the demonstration in with codes, as on the product without --demo.
func (b *booted) entrepreneurs() (tokens []string) {
	b.t.Helper()
	for i := range 8 {
		tokens = append(tokens, b.byCode(fmt.Sprintf("1390000000%d", i+1)).text("accessToken"))
	}
	return tokens
}

// attendants are the officials to whom somebody is bound.
func (b *booted) attendants(desk string) []string {
	b.t.Helper()
	seen := map[string]bool{}
	var out []string
	for _, binding := range b.want(desk, http.MethodGet, city+"/bindings?pageSize=200", nil)["bindings"].([]any) {
		official := document(binding.(map[string]any)).text("official")
		if !seen[official] {
			seen[official] = true
			out = append(out, official)
		}
	}
	return out
}
