package authn_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
)

func TestKeySetsArePublishedAndRead(t *testing.T) {
	set := authn.NewKeySet(public(1), public(2))
	keys, err := authn.ParseJWKS(set.JWKS())
	if err != nil || len(keys) != 2 {
		t.Fatal(keys, err)
	}
	again := authn.NewKeySet(keys...)
	if string(again.JWKS()) != string(set.JWKS()) {
		t.Errorf("%s\n%s", set.JWKS(), again.JWKS())
	}
	if strings.Contains(string(set.JWKS()), `"d"`) {
		t.Error("a private part is published")
	}
}

// The example of RFC 8037, appendix A.3.
func TestKeyIDIsTheThumbprint(t *testing.T) {
	keys, err := authn.ParseJWKS([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"}]}`))
	if err != nil || authn.KeyID(keys[0]) != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Errorf("%v, %v", keys, err)
	}
}

func TestKeySetsThatAreNotTaken(t *testing.T) {
	for name, doc := range map[string]string{
		"no JSON":      "<html>",
		"no keys":      `{}`,
		"others only":  `{"keys":[{"kty":"RSA","n":"x","e":"AQAB","kid":"a"},{"kty":"OKP","crv":"X25519","x":"AA","kid":"b"}]}`,
		"encryption":   `{"keys":[{"kty":"OKP","crv":"Ed25519","use":"enc","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"}]}`,
		"short key":    `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA","kid":"a"}]}`,
		"another name": `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"mine"}]}`,
	} {
		if _, err := authn.ParseJWKS([]byte(doc)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// source is a place that keys are read from.
type source struct {
	reads atomic.Int64
	mu    sync.Mutex
	doc   []byte
	err   error
}

func (s *source) set(doc []byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doc, s.err = doc, err
}

func (s *source) fetch(context.Context) ([]byte, error) {
	s.reads.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.doc, s.err
}

func TestFetchedKeys(t *testing.T) {
	c := movable.New(noon)
	s := &source{doc: authn.NewKeySet(public(1)).JWKS()}
	keys := authn.FetchKeys(c, s.fetch)
	has := func(seed byte) (bool, error) {
		_, ok, err := keys.Key(t.Context(), authn.KeyID(public(seed)))
		return ok, err
	}
	if ok, err := has(1); !ok || err != nil {
		t.Fatal("the first key is not fetched", err)
	}
	for range 100 {
		if ok, err := has(2); ok || err != nil {
			t.Fatal("a key that is not there", err)
		}
	}
	if n := s.reads.Load(); n != 1 {
		t.Errorf("unknown keys made %d reads within the gap", n)
	}
	s.set(authn.NewKeySet(public(1), public(2)).JWKS(), nil)
	c.Advance(10 * time.Second)
	if ok, _ := has(2); !ok {
		t.Error("a new key is not found after the gap")
	}
	s.set(nil, errors.New("away"))
	c.Advance(10 * time.Second)
	if ok, err := has(3); ok || err == nil {
		t.Error("an unknown key while the source is away must be an error, not a refusal")
	}
	if ok, err := has(1); !ok || err != nil {
		t.Error("known keys must stay good while the source is away")
	}
}

func TestFetchedKeysRefreshByThemselves(t *testing.T) {
	c := movable.New(noon)
	s := &source{doc: authn.NewKeySet(public(1)).JWKS()}
	keys := authn.FetchKeys(c, s.fetch)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- keys.Run(ctx) }()
	for n := int64(1); n <= 3; n++ {
		if err := c.AwaitWaiters(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if got := s.reads.Load(); got != n {
			t.Errorf("%d reads, want %d", got, n)
		}
		c.Advance(5 * time.Minute)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestVerifierWithoutKeysIsUnavailableNotRefusing(t *testing.T) {
	s := &source{err: errors.New("away")}
	d := newDesk(t, func(c *authn.VerifierConfig) { c.Keys = authn.FetchKeys(c.Clock, s.fetch) })
	d.expect(t, d.issue(t, clerk), authn.ErrKeysUnavailable)
}

func TestFromURL(t *testing.T) {
	var answer http.HandlerFunc
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	defer server.Close()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	good := authn.NewKeySet(public(1)).JWKS()
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		ok     bool
	}{
		"keys": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(good) }, true},
		"an error": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = w.Write(good)
		}, false},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/other", http.StatusFound) }, false},
		"endless":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) }, false},
	} {
		answer = tt.answer
		doc, err := authn.FromURL(server.URL)(t.Context())
		if (err == nil) != tt.ok || tt.ok && string(doc) != string(good) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := authn.FromURL("::")(t.Context()); err == nil {
		t.Error("no URL is read")
	}
}

func FuzzParseJWKS(f *testing.F) {
	f.Add(authn.NewKeySet(public(1)).JWKS())
	f.Fuzz(func(t *testing.T, doc []byte) {
		if keys, err := authn.ParseJWKS(doc); err == nil && len(keys) == 0 {
			t.Error("no error and no key")
		}
	})
}
