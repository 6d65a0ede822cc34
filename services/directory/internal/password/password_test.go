package password_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/directory/internal/password"
)

func TestWhatIsAccepted(t *testing.T) {
	for _, good := range []string{"anyang-teapot-mango", "濮阳的春天雨水不多但是麦子长得很好", "9f2k7q1x8w3n5v0b", strings.Repeat("ab cd ef gh ij kl ", 3) + "end",
		"a b c d e f g h "} {
		if err := password.Check(good, "wangjianguo"); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for name, bad := range map[string]string{
		"empty": "", "14 characters": "anyang-teapot-", "too long": strings.Repeat("anyang-teapot-mango", 8), "well known": "correct horse battery staple",
		"well known in capitals": "PasswordPassword", "has the login in it": "wangjianguo-teapot-mango", "one character": strings.Repeat("a", 20),
		"a pair again and again": strings.Repeat("ab", 10), "a word again and again": strings.Repeat("puyang1", 3), "upwards": "abcdefghijklmnopq",
		"digits upwards": "34567890123456789", "digits downwards": "98765432109876543", "few different": "aabbaabbabababcc", "not UTF-8": "anyang-teapot-mango\xff",
		"blanks": "                    ",
	} {
		if err := password.Check(bad, "WangJianguo"); !errors.Is(err, password.ErrWeak) {
			t.Errorf("%s: %q passes", name, bad)
		}
	}
}

func TestHashAndVerify(t *testing.T) {
	h := password.NewHasher(0)
	ctx := t.Context()
	stored, err := h.Hash(ctx, "anyang-teapot-mango")
	if err != nil || !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatal(stored, err)
	}
	for typed, want := range map[string]bool{"anyang-teapot-mango": true, "anyang-teapot-mangO": false, "": false} {
		if got, err := h.Verify(ctx, stored, typed); err != nil || got != want {
			t.Errorf("%q: %v, %v", typed, got, err)
		}
	}
	if other, _ := h.Hash(ctx, "anyang-teapot-mango"); other == stored {
		t.Error("the same password is stored alike twice")
	}
	if ok, err := h.Verify(ctx, "", "anything"); ok || err != nil {
		t.Errorf("nothing stored: %v, %v", ok, err)
	}
	for _, broken := range []string{"x", "$argon2i$v=19$m=1,t=1,p=1$AA$AA", "$argon2id$v=19$m=9999999999,t=1,p=1$AA$AA", stored[:len(stored)-3], "$argon2id$v=19$m=0,t=2,p=1$" + strings.Join(strings.Split(stored, "$")[4:], "$")} {
		if ok, err := h.Verify(ctx, broken, "anyang-teapot-mango"); ok || err == nil {
			t.Errorf("%q: %v, %v", broken, ok, err)
		}
	}
}

// TestUnknownCostsTheSame: who has no password is compared for as long as who has one. The bound is wide, since machines are
// busy; what it finds is a way out without any hashing.
func TestUnknownCostsTheSame(t *testing.T) {
	h := password.NewHasher(1)
	stored, err := h.Hash(t.Context(), "anyang-teapot-mango")
	if err != nil {
		t.Fatal(err)
	}
	fastest := func(stored string) time.Duration {
		best := time.Hour
		for range 5 {
			began := time.Now()
			if _, err := h.Verify(t.Context(), stored, "some other password"); err != nil {
				t.Fatal(err)
			}
			best = min(best, time.Since(began))
		}
		return best
	}
	if with, without := fastest(stored), fastest(""); without < with/3 || without > with*3 {
		t.Errorf("%v with a password, %v without", with, without)
	}
}

func TestACrowdWaitsItsTurn(t *testing.T) {
	h := password.NewHasher(1)
	busy, release := context.WithCancel(t.Context())
	defer release()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for busy.Err() == nil {
				_, _ = h.Verify(busy, "", "x")
			}
		})
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 {
		if _, err := h.Verify(over, "", "x"); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	release()
	group.Wait()
}

func TestInitialPasswords(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		p := password.Initial()
		if err := password.Check(p, "admin"); err != nil || len(p) != 29 || seen[p] {
			t.Fatalf("%q: %v", p, err)
		}
		seen[p] = true
	}
}
