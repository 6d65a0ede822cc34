package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
	"github.com/throughtrain/throughtrain/services/directory/internal/person"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

const parent = "cities/" + city

func TestSignInByCode(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	s := w.signIn(phone(1))
	if s.GetCity() != city || len(s.GetRoles()) != 0 || len(s.GetEnterprises()) != 0 || s.GetUnit() != "" {
		t.Errorf("got %v", s)
	}
	if got := s.GetExpireTime().AsTime(); !got.Equal(w.wall.Now().Add(10 * time.Minute)) {
		t.Errorf("the access token ends at %v", got)
	}
	p, err := w.persons.GetPerson(w.as(s), &directoryv1.GetPersonRequest{Name: s.GetPerson()})
	w.must(err)
	if p.GetPhoneMasked() != "138****0001" || p.GetName() != s.GetPerson() {
		t.Errorf("got %v", p)
	}
	w.wall.Advance(2 * time.Minute)
	if again := w.signIn(phone(1)); again.GetPerson() != s.GetPerson() {
		t.Error("one phone became two persons")
	}
}

func (w *world) try(challenge, code string) (*directoryv1.Session, error) {
	return w.sessions.SignInWithCode(context.Background(), &directoryv1.SignInWithCodeRequest{Parent: parent, Challenge: challenge, Code: code})
}

// other is a code that is not this one.
func other(code string) string { return fmt.Sprintf("%06d", (int(code[0]-'0')*100000+1)%1000000) }

func TestACodeWorksOnceForFiveTriesAndMinutesWithItsOwnChallenge(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	wrong := func(what, challenge, code string) {
		t.Helper()
		_, err := w.try(challenge, code)
		wants(t, what, err, fault.Unauthenticated, "CODE_WRONG")
	}
	first := w.ask(phone(1))
	code := w.phones.code(phone(1))
	_, err := w.try(first, code)
	w.must(err)
	wrong("used", first, code)

	mine, theirs := w.ask(phone(2)), w.ask(phone(3))
	if w.phones.code(phone(2)) != w.phones.code(phone(3)) {
		wrong("the code of another challenge", mine, w.phones.code(phone(3)))
	}
	wrong("an invented challenge", "invented", w.phones.code(phone(2)))
	_, err = w.sessions.SignInWithCode(t.Context(), &directoryv1.SignInWithCodeRequest{Parent: "cities/410500", Challenge: theirs, Code: w.phones.code(phone(3))})
	wants(t, "in another city", err, fault.Unauthenticated, "CODE_WRONG")

	tried := w.ask(phone(4))
	code = w.phones.code(phone(4))
	for range 5 {
		wrong("wrong", tried, other(code))
	}
	wrong("right at the sixth try", tried, code)

	late := w.ask(phone(5))
	w.wall.Advance(5 * time.Minute)
	wrong("expired", late, w.phones.code(phone(5)))
}

// TestParallelTries: of thirty-two who try the right code at once, one gets in; of thirty-two wrong ones, at most five are
// told that they are wrong, and none of the rest has learned anything.
func TestParallelTries(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorldOn(t, dsn, desk.Limits{})
		challenge := w.ask(phone(1))
		code := w.phones.code(phone(1))
		won, _, _ := w.parallel(challenge, code)
		if won != 1 {
			t.Errorf("one code opened %d sessions", won)
		}
		challenge = w.ask(phone(2))
		code = w.phones.code(phone(2))
		won, _, counted := w.parallel(challenge, other(code))
		if won != 0 || counted > 5 {
			t.Errorf("%d got in with a wrong code, %d tries were counted", won, counted)
		}
	})
}

func (w *world) parallel(challenge, code string) (won, told, counted int) {
	var in, out atomic.Int64
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			_, err := w.try(challenge, code)
			switch {
			case err == nil:
				in.Add(1)
			case fault.Has(err, "CODE_WRONG"):
				out.Add(1)
			case !fault.Has(err, "CONTENTION"):
				w.t.Errorf("got %v", err)
			}
		})
	}
	group.Wait()
	if asked, err := w.store.Challenge(context.Background(), city, challenge); err == nil {
		counted = asked.Tries
	}
	return int(in.Load()), int(out.Load()), counted
}

func TestLimitsOnAsking(t *testing.T) {
	w := newWorld(t, desk.Limits{AddressPerMinute: 3, AddressPerHour: 4, CityPerMinute: 5})
	ask := func(p person.Phone, address string) error {
		_, err := w.sessions.RequestCode(w.from(address), &directoryv1.RequestCodeRequest{Parent: parent, Phone: string(p)})
		return err
	}
	refused := func(what string, err error, wait time.Duration) {
		t.Helper()
		if f := failure(t, what, err, fault.Exhausted, "CODE_LIMIT"); f.RetryAfter != wait {
			t.Errorf("%s: wait %v, want %v", what, f.RetryAfter, wait)
		}
	}
	w.must(ask(phone(1), "a"))
	refused("the same phone from elsewhere", ask(phone(1), "b"), time.Minute)
	w.wall.Advance(10 * time.Second)
	refused("the same phone ten seconds later", ask(phone(1), "b"), 50*time.Second)
	w.must(ask(phone(2), "a"))
	w.must(ask(phone(3), "a"))
	refused("a fourth phone from one address", ask(phone(4), "a"), 50*time.Second)
	w.must(ask(phone(4), "b"))
	w.must(ask(phone(5), "b"))
	refused("a sixth in the city", ask(phone(6), "c"), 50*time.Second)
	w.wall.Advance(time.Minute)
	w.must(ask(phone(6), "a"))
	refused("a fifth from one address within the hour", ask(phone(7), "a"), 28*time.Minute+50*time.Second)
	w.must(ask(phone(1), "c"))
	if got := w.phones.count(); got != 7 {
		t.Errorf("%d messages were sent", got)
	}
}

func TestAPhoneGetsFiveAnHourAndTenADay(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	sent := 0
	for range 24 * 60 {
		_, err := w.sessions.RequestCode(t.Context(), &directoryv1.RequestCodeRequest{Parent: parent, Phone: string(phone(1))})
		if err == nil {
			sent++
		}
		w.wall.Advance(time.Minute)
		if w.wall.Now().Sub(w.wall.Now().Truncate(time.Hour)) == 0 && sent > 10 {
			break
		}
	}
	if sent != 10 {
		t.Errorf("%d codes in a day", sent)
	}
}

// TestKnownAndUnknownPhonesAreAlike: nothing in the answers tells whether somebody is known.
func TestKnownAndUnknownPhonesAreAlike(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	w.signIn(phone(1))
	w.wall.Advance(2 * time.Minute)
	known, err := w.sessions.RequestCode(t.Context(), &directoryv1.RequestCodeRequest{Parent: parent, Phone: string(phone(1))})
	w.must(err)
	unknown, err := w.sessions.RequestCode(t.Context(), &directoryv1.RequestCodeRequest{Parent: parent, Phone: string(phone(2))})
	w.must(err)
	if len(known.GetChallenge()) != len(unknown.GetChallenge()) || !known.GetExpireTime().AsTime().Equal(unknown.GetExpireTime().AsTime()) ||
		!known.GetResendTime().AsTime().Equal(unknown.GetResendTime().AsTime()) {
		t.Errorf("%v and %v differ", known, unknown)
	}
}

// TestTenThousandAsk: a flood gets no more messages than the limits allow, and somebody else still gets in after it.
func TestTenThousandAsk(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	for i := range 10_000 {
		_, err := w.sessions.RequestCode(w.from("flood"), &directoryv1.RequestCodeRequest{Parent: parent, Phone: string(phone(i % 500))})
		if err != nil && !fault.Has(err, "CODE_LIMIT") {
			t.Fatal(err)
		}
	}
	if got := w.phones.count(); got != 30 {
		t.Errorf("%d messages to one address", got)
	}
	w.signIn(phone(700))
}

func TestACodeThatCouldNotBeSentMayBeAskedForAgain(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	w.phones.error = errors.New("gateway away")
	_, err := w.sessions.RequestCode(t.Context(), &directoryv1.RequestCodeRequest{Parent: parent, Phone: string(phone(1))})
	if f := failure(t, "gateway away", err, fault.Unavailable, "CODE_NOT_SENT"); f.RetryAfter == 0 {
		t.Error("no word on when to try again")
	}
	w.phones.error = nil
	w.signIn(phone(1))
}

func (w *world) refresh(token string) (*directoryv1.Session, error) {
	return w.sessions.RefreshSession(context.Background(), &directoryv1.RefreshSessionRequest{RefreshToken: token})
}

func TestRefreshTokensRotate(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	first := w.signIn(phone(1))
	w.wall.Advance(9 * time.Minute)
	second, err := w.refresh(first.GetRefreshToken())
	w.must(err)
	if second.GetRefreshToken() == first.GetRefreshToken() || second.GetPerson() != first.GetPerson() {
		t.Error("nothing rotated, or somebody else did")
	}
	// The same question a moment later gets the same answer.
	w.wall.Advance(9 * time.Second)
	retried, err := w.refresh(first.GetRefreshToken())
	w.must(err)
	if retried.GetRefreshToken() != second.GetRefreshToken() {
		t.Error("a retry led to another token")
	}
	// An old one ends the session for whoever holds it.
	w.wall.Advance(time.Second)
	_, err = w.refresh(first.GetRefreshToken())
	wants(t, "reused", err, fault.Unauthenticated, "REFRESH_INVALID")
	_, err = w.refresh(second.GetRefreshToken())
	wants(t, "the newest after a reuse", err, fault.Unauthenticated, "REFRESH_INVALID")
	w.takeUp()
	_, err = w.persons.GetPerson(w.as(second), &directoryv1.GetPersonRequest{Name: second.GetPerson()})
	wants(t, "its access token", err, fault.Unauthenticated, "SESSION_REVOKED")
	// Another session of the same person lives on.
	w.signIn(phone(1))
}

func TestNoiseEndsNobodysSession(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	s := w.signIn(phone(1))
	token := s.GetRefreshToken()
	for i := 3; i < len(token); i += 5 {
		changed := token[:i] + string("AB"[(token[i]-'A')&1^1]) + token[i+1:]
		if changed == token {
			continue
		}
		_, err := w.refresh(changed)
		wants(t, "changed", err, fault.Unauthenticated, "REFRESH_INVALID")
	}
	_, err := w.refresh(token)
	w.must(err)
}

func TestParallelRefreshesAgree(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorldOn(t, dsn, desk.Limits{})
		s := w.signIn(phone(1))
		var mu sync.Mutex
		got := map[string]int{}
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() {
				next, err := w.refresh(s.GetRefreshToken())
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				got[next.GetRefreshToken()]++
			})
		}
		group.Wait()
		if len(got) != 1 {
			t.Fatalf("one token led to %d", len(got))
		}
		for next := range got {
			if _, err := w.refresh(next); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestSessionsEndByThemselves(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	s := w.signIn(phone(1))
	w.wall.Advance(30 * 24 * time.Hour)
	_, err := w.refresh(s.GetRefreshToken())
	wants(t, "not used for a month", err, fault.Unauthenticated, "REFRESH_INVALID")

	s = w.signIn(phone(1))
	for range 3 {
		w.wall.Advance(29 * 24 * time.Hour)
		s, err = w.refresh(s.GetRefreshToken())
		w.must(err)
	}
	w.wall.Advance(3 * 24 * time.Hour)
	_, err = w.refresh(s.GetRefreshToken())
	wants(t, "used for three months", err, fault.Unauthenticated, "REFRESH_INVALID")
}

func TestSignOut(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	phoneSession := w.signIn(phone(1))
	w.wall.Advance(2 * time.Minute)
	tablet := w.signIn(phone(1))
	_, err := w.sessions.SignOut(w.as(phoneSession), &directoryv1.SignOutRequest{})
	w.must(err)
	w.takeUp()
	_, err = w.sessions.SignOut(w.as(phoneSession), &directoryv1.SignOutRequest{})
	wants(t, "signed out", err, fault.Unauthenticated, "SESSION_REVOKED")
	_, err = w.refresh(phoneSession.GetRefreshToken())
	wants(t, "signed out", err, fault.Unauthenticated, "REFRESH_INVALID")
	tablet, err = w.refresh(tablet.GetRefreshToken())
	w.must(err)

	_, err = w.sessions.SignOut(w.as(tablet), &directoryv1.SignOutRequest{Everywhere: true})
	w.must(err)
	w.takeUp()
	_, err = w.persons.GetPerson(w.as(tablet), &directoryv1.GetPersonRequest{Name: tablet.GetPerson()})
	wants(t, "signed out everywhere", err, fault.Unauthenticated, "SESSION_REVOKED")
	_, err = w.refresh(tablet.GetRefreshToken())
	wants(t, "signed out everywhere", err, fault.Unauthenticated, "REFRESH_INVALID")
	w.wall.Advance(time.Minute)
	again := w.signIn(phone(1))
	_, err = w.persons.GetPerson(w.as(again), &directoryv1.GetPersonRequest{Name: again.GetPerson()})
	w.must(err)
}

func TestKeysAndPersonas(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	got, err := w.sessions.GetKeys(t.Context(), &directoryv1.GetKeysRequest{})
	w.must(err)
	if keys, err := authn.ParseJWKS(got.GetJwks()); err != nil || len(keys) != 2 {
		t.Errorf("%d keys, %v", len(keys), err)
	}
	s := w.persona("clerk", optionsv1.Role_ROLE_CLERK, optionsv1.Role_ROLE_DISPATCHER)
	if strings.Join(s.GetRoles(), " ") != "ROLE_CLERK ROLE_DISPATCHER" || s.GetUnit() != "cities/410900/units/gxj" {
		t.Errorf("got %v", s)
	}
	_, err = w.demo.DemoSignIn(t.Context(), &directoryv1.DemoSignInRequest{Persona: "emperor"})
	if f := failure(t, "unknown persona", err, fault.NotFound, "PERSONA_UNKNOWN"); f.Metadata["personas"] != "clerk" {
		t.Errorf("it names %q", f.Metadata["personas"])
	}
}

// TestAFloodStopsAtTheDoor: what comes far beyond the limits is refused before the database is asked, and nobody else is.
func TestAFloodStopsAtTheDoor(t *testing.T) {
	w := newWorld(t, desk.Limits{AddressPerMinute: 2})
	ask := func(from string) error {
		_, err := w.sessions.RequestCode(w.from(from), &directoryv1.RequestCodeRequest{Parent: parent, Phone: string(phone(1))})
		return err
	}
	for range 20 {
		_ = ask("flood") // what it gets is not what is tested
	}
	before := w.store.DB().Counts().Statements
	f := failure(t, "flood", ask("flood"), fault.Exhausted, "CODE_LIMIT")
	if f.RetryAfter == 0 || f.RetryAfter > time.Minute {
		t.Errorf("told to try again in %v", f.RetryAfter)
	}
	if asked := w.store.DB().Counts().Statements - before; asked != 0 {
		t.Errorf("the database was asked %d times", asked)
	}
	_ = ask("somebody else")
	if w.store.DB().Counts().Statements == before {
		t.Error("somebody else is refused at the door")
	}
}
