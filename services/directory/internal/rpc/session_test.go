package rpc_test

import (
	"testing"
	"time"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
)

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
