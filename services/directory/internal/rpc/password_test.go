package rpc_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

const ownPassword = "teapot mango harbour"

func (w *world) enter(login, password, address string) (*directoryv1.Session, error) {
	return w.sessions.SignInWithPassword(w.from(address), &directoryv1.SignInWithPasswordRequest{Parent: parent, Login: login, Password: password})
}

// withPassword adds an official with a password of their own and signs them in.
func (w *world) withPassword(login string, roles ...optionsv1.Role) *directoryv1.Session {
	w.t.Helper()
	w.official(login, roles...)
	initial, err := w.desk.GiveInitialPassword(w.t.Context(), city, login)
	w.must(err)
	s, err := w.enter(login, initial, "hall")
	w.must(err)
	_, err = w.persons.SetPassword(w.as(s), &directoryv1.SetPasswordRequest{Name: s.GetPerson(), OldPassword: initial, NewPassword: ownPassword})
	w.must(err)
	return s
}

func TestSignInByPassword(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	w.withPassword("wang", optionsv1.Role_ROLE_CLERK)
	s, err := w.enter(" wang ", ownPassword, "hall")
	w.must(err)
	if got := s.GetRefreshExpireTime().AsTime(); !got.Equal(w.wall.Now().Add(30 * time.Minute)) {
		t.Errorf("a desk's session ends at %v", got)
	}
	w.official("li")
	for name, try := range map[string][2]string{"wrong": {"wang", ownPassword + "!"}, "unknown login": {"zhao", ownPassword}, "no password yet": {"li", ownPassword},
		"other case of the login": {"WANG", ownPassword}, "a phone": {"13800000001", ownPassword}} {
		_, err := w.enter(try[0], try[1], name)
		wants(t, name, err, fault.Unauthenticated, "PASSWORD_WRONG")
	}
	_, err = w.sessions.SignInWithPassword(t.Context(), &directoryv1.SignInWithPasswordRequest{Parent: "cities/410500", Login: "wang", Password: ownPassword})
	wants(t, "in another city", err, fault.Unauthenticated, "PASSWORD_WRONG")
}

func TestAnInitialPasswordSignsInOnce(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	w.official("wang", optionsv1.Role_ROLE_CITY_ADMIN)
	initial, err := w.desk.GiveInitialPassword(t.Context(), city, "wang")
	w.must(err)
	var mu sync.Mutex
	var in []*directoryv1.Session
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			s, err := w.enter("wang", initial, fmt.Sprint("place ", i))
			if err == nil {
				mu.Lock()
				in = append(in, s)
				mu.Unlock()
			} else if !fault.Has(err, "PASSWORD_WRONG") {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if len(in) != 1 {
		t.Fatalf("it signed in %d times", len(in))
	}
	again, err := w.desk.GiveInitialPassword(t.Context(), city, "wang")
	w.must(err)
	if again == initial {
		t.Error("the same password twice")
	}
	_, err = w.persons.SetPassword(w.as(in[0]), &directoryv1.SetPasswordRequest{Name: in[0].GetPerson(), OldPassword: again, NewPassword: ownPassword})
	w.must(err)
	if _, err := w.desk.GiveInitialPassword(t.Context(), city, "wang"); err == nil {
		t.Error("an own password was replaced")
	}
	if _, err := w.desk.GiveInitialPassword(t.Context(), city, "nobody"); !fault.Has(err, "PERSON_NOT_FOUND") {
		t.Errorf("got %v", err)
	}
}

// TestAForgottenPassword: an operator's reset lets the official in once more, and nobody else stays.
func TestAForgottenPassword(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	before := w.withPassword("wang", optionsv1.Role_ROLE_CLERK)
	initial, err := w.desk.ResetPassword(t.Context(), city, "wang")
	w.must(err)
	_, err = w.enter("wang", ownPassword, "hall")
	wants(t, "the forgotten one", err, fault.Unauthenticated, "PASSWORD_WRONG")
	_, err = w.sessions.RefreshSession(t.Context(), &directoryv1.RefreshSessionRequest{RefreshToken: before.GetRefreshToken()})
	wants(t, "a session from before", err, fault.Unauthenticated, "REFRESH_INVALID")
	s, err := w.enter("wang", initial, "home")
	w.must(err)
	_, err = w.persons.SetPassword(w.as(s), &directoryv1.SetPasswordRequest{Name: s.GetPerson(), OldPassword: initial, NewPassword: ownPassword})
	w.must(err)
	w.official("li")
	if _, err = w.desk.ResetPassword(t.Context(), city, "li"); err != nil {
		t.Errorf("for who never had one: %v", err)
	}
	_, err = w.desk.ResetPassword(t.Context(), city, "nobody")
	wants(t, "nobody", err, fault.NotFound, "PERSON_NOT_FOUND")
}

func TestSetPassword(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	here := w.withPassword("wang", optionsv1.Role_ROLE_CLERK)
	set := func(s *directoryv1.Session, name, before, after string) error {
		_, err := w.persons.SetPassword(w.as(s), &directoryv1.SetPasswordRequest{Name: name, OldPassword: before, NewPassword: after})
		return err
	}
	const next = "lantern river cabbage"
	wants(t, "old one wrong", set(here, here.GetPerson(), "wrong", next), fault.Unauthenticated, "PASSWORD_WRONG")
	wants(t, "short", set(here, here.GetPerson(), ownPassword, "short"), fault.Invalid, "PASSWORD_WEAK")
	wants(t, "well known", set(here, here.GetPerson(), ownPassword, "PasswordPassword"), fault.Invalid, "PASSWORD_WEAK")
	w.wall.Advance(time.Hour) // the failures above cost a wait
	here, err := w.enter("wang", ownPassword, "hall")
	w.must(err)
	there, err := w.enter("wang", ownPassword, "home")
	w.must(err)
	wants(t, "the same", set(here, here.GetPerson(), ownPassword, ownPassword), fault.Invalid, "PASSWORD_WEAK")
	filer := w.signIn(phone(1))
	wants(t, "another's", set(filer, here.GetPerson(), ownPassword, next), fault.NotFound, "PERSON_NOT_FOUND")
	wants(t, "of somebody without", set(filer, filer.GetPerson(), "", next), fault.Unauthenticated, "PASSWORD_WRONG")
	w.must(set(here, here.GetPerson(), ownPassword, next))
	w.takeUp()
	_, err = w.persons.GetPerson(w.as(here), &directoryv1.GetPersonRequest{Name: here.GetPerson()})
	w.must(err)
	_, err = w.persons.GetPerson(w.as(there), &directoryv1.GetPersonRequest{Name: there.GetPerson()})
	wants(t, "another session", err, fault.Unauthenticated, "SESSION_REVOKED")
	_, err = w.refresh(there.GetRefreshToken())
	wants(t, "another session", err, fault.Unauthenticated, "REFRESH_INVALID")
	_, err = w.enter("wang", next, "hall")
	w.must(err)
}

// TestWrongPasswordsCostTime: whoever guesses waits ever longer; the owner, from elsewhere, does not.
func TestWrongPasswordsCostTime(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	w.withPassword("wang")
	for range 4 {
		_, err := w.enter("wang", "a guess that is wrong", "stranger")
		wants(t, "wrong", err, fault.Unauthenticated, "PASSWORD_WRONG")
	}
	_, err := w.enter("wang", ownPassword, "stranger")
	if f := failure(t, "at once", err, fault.Exhausted, "SIGN_IN_LIMIT"); f.RetryAfter != 2*time.Second {
		t.Errorf("the first wait is %v", f.RetryAfter)
	}
	_, err = w.enter("wang", ownPassword, "hall")
	w.must(err)
	w.wall.Advance(2 * time.Second)
	_, err = w.enter("wang", ownPassword, "stranger")
	w.must(err)
	_, err = w.enter("wang", "a guess that is wrong", "stranger")
	wants(t, "a success forgets", err, fault.Unauthenticated, "PASSWORD_WRONG")
}

func TestParallelGuessesAreCountedBeforeTheyAreLookedAt(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	w.withPassword("wang")
	var group sync.WaitGroup
	var mu sync.Mutex
	told := 0
	for i := range 12 {
		group.Go(func() {
			_, err := w.enter("wang", fmt.Sprint("guess number ", i), "stranger")
			switch {
			case fault.Has(err, "PASSWORD_WRONG"):
				mu.Lock()
				told++
				mu.Unlock()
			case !fault.Has(err, "SIGN_IN_LIMIT") && !fault.Has(err, "CONTENTION"):
				t.Errorf("got %v", err)
			}
		})
	}
	group.Wait()
	if told > 4 {
		t.Errorf("%d guesses were answered", told)
	}
}

func TestOneAddressMayFailOnlySoOften(t *testing.T) {
	w := newWorld(t, desk.Limits{FailuresPerSource: 5})
	w.withPassword("wang") // counts twice and gives both back
	for i := range 5 {
		_, err := w.enter(fmt.Sprint("login", i), "a guess that is wrong", "stranger")
		wants(t, "wrong", err, fault.Unauthenticated, "PASSWORD_WRONG")
	}
	_, err := w.enter("wang", ownPassword, "stranger")
	wants(t, "from there", err, fault.Exhausted, "SIGN_IN_LIMIT")
	for range 10 {
		_, err = w.enter("wang", ownPassword, "hall")
		w.must(err) // being right costs nothing
	}
	w.wall.Advance(10 * time.Minute)
	_, err = w.enter("wang", ownPassword, "stranger")
	w.must(err)
}

func TestDismissal(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	admin := w.persona("admin", optionsv1.Role_ROLE_CITY_ADMIN)
	clerk := w.withPassword("wang", optionsv1.Role_ROLE_CLERK)
	dismiss := func(s *directoryv1.Session, name, id string) (*directoryv1.Person, error) {
		return w.persons.DismissOfficial(w.as(s), &directoryv1.DismissOfficialRequest{Name: name, Reason: "调离", RequestId: id})
	}
	_, err := dismiss(clerk, admin.GetPerson(), "")
	wants(t, "by a clerk", err, fault.Denied, "ROLE_REQUIRED")
	_, err = dismiss(admin, admin.GetPerson(), "")
	wants(t, "oneself", err, fault.Precondition, "SELF_DISMISSAL")
	filer := w.signIn(phone(1))
	_, err = dismiss(admin, filer.GetPerson(), "")
	wants(t, "a filer", err, fault.NotFound, "PERSON_NOT_FOUND")
	_, err = dismiss(admin, parent+"/persons/"+w.ids.New(), "")
	wants(t, "nobody", err, fault.NotFound, "PERSON_NOT_FOUND")

	for range 2 { // a repeated call is answered as the first
		p, err := dismiss(admin, clerk.GetPerson(), "once")
		w.must(err)
		if !p.GetDismissed() || len(p.GetRoles()) != 0 || p.GetUnit() != "" {
			t.Errorf("got %v", p)
		}
	}
	w.takeUp()
	_, err = w.persons.GetPerson(w.as(clerk), &directoryv1.GetPersonRequest{Name: clerk.GetPerson()})
	wants(t, "a token of the dismissed", err, fault.Unauthenticated, "SESSION_REVOKED")
	_, err = w.refresh(clerk.GetRefreshToken())
	wants(t, "a refresh token of the dismissed", err, fault.Unauthenticated, "REFRESH_INVALID")
	_, err = w.enter("wang", ownPassword, "elsewhere")
	wants(t, "the password of the dismissed", err, fault.Unauthenticated, "PASSWORD_WRONG")
	if _, err := w.desk.GiveInitialPassword(context.Background(), city, "wang"); err == nil {
		t.Error("the dismissed were given a password")
	}
}
