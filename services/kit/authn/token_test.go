package authn_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(seed byte) ed25519.PublicKey { return key(seed).Public().(ed25519.PublicKey) }

// Seeds of the keys in a desk: the issuer's, two peers', and one that nobody knows.
const (
	issuerSeed = iota + 1
	hotlineSeed
	agencySeed
	strangerSeed
)

// desk is an issuer and a verifier that trust each other, on a clock that stands.
type desk struct {
	clock    *movable.Clock
	keys     *authn.KeySet
	revoked  *authn.Revocations
	issuer   *authn.Issuer
	verifier *authn.Verifier
}

func newDesk(t testing.TB, adjust ...func(*authn.VerifierConfig)) *desk {
	t.Helper()
	d := &desk{clock: movable.New(noon), keys: authn.NewKeySet(public(issuerSeed))}
	d.revoked = authn.NewRevocations(d.clock)
	config := authn.VerifierConfig{Issuer: "directory", Audience: "suite", Keys: d.keys, Service: "attendant", Clock: d.clock, Revocations: d.revoked,
		Peers: map[string]authn.Keys{"hotline": authn.NewKeySet(public(hotlineSeed)), "agency": authn.NewKeySet(public(agencySeed))}}
	for _, a := range adjust {
		a(&config)
	}
	var err error
	if d.verifier, err = authn.NewVerifier(config); err != nil {
		t.Fatal(err)
	}
	if d.issuer, err = authn.NewIssuer("directory", "suite", key(issuerSeed), 10*time.Minute, d.clock); err != nil {
		t.Fatal(err)
	}
	return d
}

var clerk = authn.Caller{Kind: authn.Person, City: "410900", Person: "p1", Session: "s1", Unit: "HRSS",
	Roles:       []authn.Grant{{Role: optionsv1.Role_ROLE_CLERK, Unit: "HRSS"}, {Role: optionsv1.Role_ROLE_AUDITOR}},
	Enterprises: []string{"e1", "e2"}, AdminOf: []string{"e2"}}

func (d *desk) issue(t testing.TB, c authn.Caller) string {
	t.Helper()
	token, expires, err := d.issuer.Issue(c)
	if err != nil || !expires.Equal(d.clock.Now().Truncate(time.Second).Add(10*time.Minute)) {
		t.Fatal(expires, err)
	}
	return token
}

func (d *desk) expect(t *testing.T, token string, want error) {
	t.Helper()
	_, err := d.verifier.Verify(t.Context(), token)
	if (want == nil) != (err == nil) || want != nil && !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestATokenCarriesItsCaller(t *testing.T) {
	d := newDesk(t)
	token := d.issue(t, clerk)
	for _, from := range []string{"the token", "the cache"} {
		got, err := d.verifier.Verify(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(clerk, *got); diff != "" {
			t.Errorf("from %s: %s", from, diff)
		}
	}
}

func TestTimeIsLookedAtOnEveryUse(t *testing.T) {
	d := newDesk(t)
	token := d.issue(t, clerk)
	d.expect(t, token, nil)
	d.clock.Set(noon.Add(-6 * time.Second))
	d.expect(t, token, authn.ErrTokenInvalid) // not yet: more than the leeway before it
	d.clock.Set(noon.Add(10*time.Minute + 4*time.Second))
	d.expect(t, token, nil) // within the leeway
	d.clock.Set(noon.Add(10*time.Minute + 5*time.Second))
	d.expect(t, token, authn.ErrTokenExpired)
	d.expect(t, token, authn.ErrTokenExpired) // the cache has let go of it
}

func TestAWithdrawnKeyTakesItsTokensWithIt(t *testing.T) {
	d := newDesk(t)
	token := d.issue(t, clerk)
	d.expect(t, token, nil)
	d.keys.Replace(public(issuerSeed), public(strangerSeed))
	d.issuer.UseKey(key(strangerSeed))
	rotated := d.issue(t, clerk)
	d.expect(t, token, nil)
	d.expect(t, rotated, nil)
	d.keys.Replace(public(strangerSeed))
	d.expect(t, token, authn.ErrTokenInvalid)
	d.expect(t, rotated, nil)
}

func TestRevocation(t *testing.T) {
	d := newDesk(t)
	until := noon.Add(11 * time.Minute)
	other := clerk
	other.Session = "s2"
	one, two := d.issue(t, clerk), d.issue(t, other)
	d.expect(t, one, nil)

	d.revoked.RevokeSession("s1", until)
	d.expect(t, one, authn.ErrSessionRevoked)
	d.expect(t, two, nil)

	d.revoked.RevokePerson("410700", "p1", noon, until) // a namesake in another city
	d.expect(t, two, nil)
	d.revoked.RevokePerson("410900", "p1", noon, until)
	d.expect(t, two, authn.ErrSessionRevoked)

	d.clock.Advance(time.Second)
	d.expect(t, d.issue(t, other), nil) // signed in again, with what roles are left
}

func TestRevocationsDoNotPileUp(t *testing.T) {
	c := movable.New(noon)
	r := authn.NewRevocations(c)
	for i := range 100_000 {
		r.RevokeSession(fmt.Sprint("s", i), c.Now().Add(10*time.Second))
		r.RevokePerson("c", fmt.Sprint("p", i), c.Now(), c.Now().Add(10*time.Second))
		c.Advance(100 * time.Millisecond)
	}
	if r.Len() > 2000 {
		t.Errorf("%d entries kept, 200 are alive", r.Len())
	}
}

func TestServiceTokens(t *testing.T) {
	d := newDesk(t)
	hotline := authn.NewServiceIssuer("hotline", key(hotlineSeed), d.clock)
	token := func(i *authn.ServiceIssuer, audience string) string {
		t.Helper()
		token, err := i.Token(audience)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	mine := token(hotline, "attendant")
	got, err := d.verifier.Verify(t.Context(), mine)
	if err != nil || got.Kind != authn.Service || got.Name != "hotline" || got.City != "" || got.ID() != "hotline" {
		t.Fatalf("%+v, %v", got, err)
	}
	if token(hotline, "attendant") != mine {
		t.Error("a fresh token is not used again")
	}
	d.clock.Advance(31 * time.Second)
	if token(hotline, "attendant") == mine {
		t.Error("a token past its half is used again")
	}
	d.clock.Advance(35 * time.Second)
	d.expect(t, mine, authn.ErrTokenExpired)

	d.expect(t, token(hotline, "agency"), authn.ErrTokenInvalid)
	d.expect(t, token(authn.NewServiceIssuer("hotline", key(agencySeed), d.clock), "attendant"), authn.ErrTokenInvalid)
	d.expect(t, token(authn.NewServiceIssuer("gateway", key(hotlineSeed), d.clock), "attendant"), authn.ErrTokenInvalid)
	d.expect(t, token(authn.NewServiceIssuer("hotline", key(issuerSeed), d.clock), "attendant"), authn.ErrTokenInvalid)
}

// forge signs any header and claims with any function.
func forge(t testing.TB, header, claims map[string]any, sign func(text []byte) []byte) string {
	t.Helper()
	part := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	text := part(header) + "." + part(claims)
	return text + "." + base64.RawURLEncoding.EncodeToString(sign([]byte(text)))
}

func with(m map[string]any, changes map[string]any) map[string]any {
	m = maps.Clone(m)
	for name, value := range changes {
		if m[name] = value; value == nil {
			delete(m, name)
		}
	}
	return m
}

// Every way known to confuse a verifier of tokens ends the same.
func TestConfusion(t *testing.T) {
	d := newDesk(t)
	type m = map[string]any
	header := m{"alg": "EdDSA", "typ": "at+jwt", "kid": authn.KeyID(public(issuerSeed))}
	claims := m{"iss": "directory", "aud": "suite", "sub": "p1", "city": "410900", "sid": "s1",
		"iat": noon.Unix(), "nbf": noon.Unix(), "exp": noon.Add(5 * time.Minute).Unix()}
	by := func(seed byte) func([]byte) []byte {
		return func(text []byte) []byte { return ed25519.Sign(key(seed), text) }
	}
	hs := func(secret []byte) func([]byte) []byte {
		return func(text []byte) []byte { h := hmac.New(sha256.New, secret); h.Write(text); return h.Sum(nil) }
	}
	der, err := x509.MarshalPKIXPublicKey(public(issuerSeed))
	if err != nil {
		t.Fatal(err)
	}
	good := forge(t, header, claims, by(issuerSeed))
	d.expect(t, good, nil)

	service := m{"iss": "hotline", "sub": "hotline", "aud": "attendant", "iat": noon.Unix(), "nbf": noon.Unix(), "exp": noon.Add(time.Minute).Unix()}
	serviceHeader := m{"alg": "EdDSA", "typ": "svc+jwt", "kid": authn.KeyID(public(hotlineSeed))}
	d.expect(t, forge(t, serviceHeader, service, by(hotlineSeed)), nil)

	parts := strings.Split(good, ".")
	elevated := forge(t, header, with(claims, m{"roles": []m{{"role": "MAYOR_OFFICE"}}}), by(issuerSeed))
	stranger := m{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(public(strangerSeed))}
	tests := map[string]string{
		"alg none":                      forge(t, with(header, m{"alg": "none"}), claims, func([]byte) []byte { return nil }),
		"alg None":                      forge(t, with(header, m{"alg": "None"}), claims, func([]byte) []byte { return nil }),
		"alg none, signed":              forge(t, with(header, m{"alg": "none"}), claims, by(issuerSeed)),
		"alg empty":                     forge(t, with(header, m{"alg": ""}), claims, by(issuerSeed)),
		"alg a list":                    forge(t, with(header, m{"alg": []string{"EdDSA"}}), claims, by(issuerSeed)),
		"alg lower case":                forge(t, with(header, m{"alg": "eddsa"}), claims, by(issuerSeed)),
		"HS256 with the public key":     forge(t, with(header, m{"alg": "HS256"}), claims, hs(public(issuerSeed))),
		"HS256 with the public key DER": forge(t, with(header, m{"alg": "HS256"}), claims, hs(der)),
		"HS512":                         forge(t, with(header, m{"alg": "HS512"}), claims, hs(public(issuerSeed))),
		"RS256":                         forge(t, with(header, m{"alg": "RS256"}), claims, by(issuerSeed)),
		"ES256":                         forge(t, with(header, m{"alg": "ES256"}), claims, by(issuerSeed)),
		"foreign key, its own kid":      forge(t, with(header, m{"kid": authn.KeyID(public(strangerSeed))}), claims, by(strangerSeed)),
		"foreign key, our kid":          forge(t, header, claims, by(strangerSeed)),
		"no kid":                        forge(t, with(header, m{"kid": nil}), claims, by(issuerSeed)),
		"kid a number":                  forge(t, with(header, m{"kid": 1}), claims, by(issuerSeed)),
		"kid a path":                    forge(t, with(header, m{"kid": "../../dev/null"}), claims, by(issuerSeed)),
		"jwk brought along":             forge(t, with(header, m{"jwk": stranger}), claims, by(strangerSeed)),
		"jwk beside a good kid":         forge(t, with(header, m{"jwk": stranger}), claims, by(issuerSeed)),
		"jku":                           forge(t, with(header, m{"jku": "https://evil.example/jwks.json"}), claims, by(issuerSeed)),
		"x5u":                           forge(t, with(header, m{"x5u": "https://evil.example/c.pem"}), claims, by(issuerSeed)),
		"x5c":                           forge(t, with(header, m{"x5c": []string{"MII"}}), claims, by(issuerSeed)),
		"crit":                          forge(t, with(header, m{"crit": []string{"exp"}}), claims, by(issuerSeed)),
		"b64 false":                     forge(t, with(header, m{"b64": false}), claims, by(issuerSeed)),
		"typ JWT":                       forge(t, with(header, m{"typ": "JWT"}), claims, by(issuerSeed)),
		"typ of an id token":            forge(t, with(header, m{"typ": "id+jwt"}), claims, by(issuerSeed)),
		"no typ":                        forge(t, with(header, m{"typ": nil}), claims, by(issuerSeed)),
		"issuer's key as a service":     forge(t, with(serviceHeader, m{"kid": header["kid"]}), service, by(issuerSeed)),
		"service's key as the issuer":   forge(t, with(header, m{"kid": serviceHeader["kid"]}), claims, by(hotlineSeed)),
		"a person as a service":         forge(t, with(header, m{"typ": "svc+jwt"}), claims, by(issuerSeed)),
		"another service's key":         forge(t, with(serviceHeader, m{"kid": authn.KeyID(public(agencySeed))}), service, by(agencySeed)),
		"service, other iss":            forge(t, serviceHeader, with(service, m{"iss": "agency"}), by(hotlineSeed)),
		"service for another":           forge(t, serviceHeader, with(service, m{"aud": "hotline"}), by(hotlineSeed)),
		"service for ever":              forge(t, serviceHeader, with(service, m{"exp": noon.Add(time.Hour).Unix()}), by(hotlineSeed)),
		"wrong aud":                     forge(t, header, with(claims, m{"aud": "elsewhere"}), by(issuerSeed)),
		"no aud":                        forge(t, header, with(claims, m{"aud": nil}), by(issuerSeed)),
		"wrong iss":                     forge(t, header, with(claims, m{"iss": "someone"}), by(issuerSeed)),
		"no iss":                        forge(t, header, with(claims, m{"iss": nil}), by(issuerSeed)),
		"no exp":                        forge(t, header, with(claims, m{"exp": nil}), by(issuerSeed)),
		"no nbf":                        forge(t, header, with(claims, m{"nbf": nil}), by(issuerSeed)),
		"no iat":                        forge(t, header, with(claims, m{"iat": nil}), by(issuerSeed)),
		"nbf to come":                   forge(t, header, with(claims, m{"nbf": noon.Add(time.Minute).Unix()}), by(issuerSeed)),
		"iat to come":                   forge(t, header, with(claims, m{"iat": noon.Add(time.Minute).Unix()}), by(issuerSeed)),
		"exp too far":                   forge(t, header, with(claims, m{"exp": noon.Add(24 * time.Hour).Unix()}), by(issuerSeed)),
		"exp a text":                    forge(t, header, with(claims, m{"exp": "never"}), by(issuerSeed)),
		"exp huge":                      forge(t, header, with(claims, m{"exp": 1e300}), by(issuerSeed)),
		"expired, for another":          forge(t, header, with(claims, m{"aud": "elsewhere", "iat": noon.Add(-time.Hour).Unix(), "exp": noon.Add(-30 * time.Minute).Unix()}), by(issuerSeed)),
		"no sub":                        forge(t, header, with(claims, m{"sub": nil}), by(issuerSeed)),
		"no city":                       forge(t, header, with(claims, m{"city": nil}), by(issuerSeed)),
		"no session":                    forge(t, header, with(claims, m{"sid": nil}), by(issuerSeed)),
		"unknown role":                  forge(t, header, with(claims, m{"roles": []m{{"role": "EMPEROR"}}}), by(issuerSeed)),
		"role with its prefix":          forge(t, header, with(claims, m{"roles": []m{{"role": "ROLE_CLERK"}}}), by(issuerSeed)),
		"role unspecified":              forge(t, header, with(claims, m{"roles": []m{{"role": "UNSPECIFIED"}}}), by(issuerSeed)),
		"claims exchanged":              strings.Join([]string{parts[0], strings.Split(elevated, ".")[1], parts[2]}, "."),
		"signature cut":                 good[:len(good)-2],
		"signature gone":                parts[0] + "." + parts[1] + ".",
		"two parts":                     parts[0] + "." + parts[1],
		"four parts":                    good + "." + parts[2],
		"padded":                        good + "=",
		"space":                         " " + good,
		"not a token":                   "hello",
		"endless":                       strings.Repeat("a", 1<<20),
		"encrypted":                     strings.Repeat("ey.", 4) + "ey",
	}
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			d.expect(t, token, authn.ErrTokenInvalid)
			d.expect(t, token, authn.ErrTokenInvalid)
		})
	}
	d.expect(t, "", authn.ErrTokenMissing)
	d.expect(t, good, nil)
	last := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	t.Run("signature's spare bits", func(t *testing.T) {
		// Base64 leaves bits of the last letter unused: another letter that decodes alike must not be another good token.
		at := strings.IndexByte(last, good[len(good)-1])
		d.expect(t, good[:len(good)-1]+string(last[at^1]), authn.ErrTokenInvalid)
	})
}

func TestOnlyTheRightCallersAreIssuedFor(t *testing.T) {
	d := newDesk(t)
	bad := clerk
	bad.Roles = []authn.Grant{{Role: 99}}
	for _, c := range []authn.Caller{{}, {Kind: authn.Service, Name: "hotline"}, {Kind: authn.Person, City: "c", Person: "p"}, bad} {
		if _, _, err := d.issuer.Issue(c); err == nil {
			t.Errorf("%+v got a token", c)
		}
	}
	if _, err := authn.NewIssuer("i", "a", key(1), 2*time.Hour, d.clock); err == nil {
		t.Error("an issuer of tokens that nobody believes")
	}
	if _, err := authn.NewVerifier(authn.VerifierConfig{}); err == nil {
		t.Error("a verifier that believes anything")
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	d := newDesk(t, func(c *authn.VerifierConfig) { c.Cache = 3 })
	tokens := make([]string, 10)
	for i := range tokens {
		c := clerk
		c.Session = fmt.Sprint("s", i)
		tokens[i] = d.issue(t, c)
		d.expect(t, tokens[i], nil)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, token := range tokens {
				if _, err := d.verifier.Verify(context.Background(), token); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkVerifyKnown(b *testing.B) {
	d := newDesk(b)
	for i := range 1000 {
		d.revoked.RevokeSession(fmt.Sprint("x", i), noon.Add(time.Hour))
	}
	token := d.issue(b, clerk)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.verifier.Verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyNew(b *testing.B) {
	d := newDesk(b, func(c *authn.VerifierConfig) { c.Cache = 1 })
	other := clerk
	other.Session = "s2"
	tokens := []string{d.issue(b, clerk), d.issue(b, other)}
	for i := 0; b.Loop(); i++ {
		if _, err := d.verifier.Verify(b.Context(), tokens[i%2]); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	d := newDesk(f)
	good := d.issue(f, clerk)
	f.Add(good)
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		if c, err := d.verifier.Verify(t.Context(), token); err == nil && (token != good || c.Person != "p1") {
			t.Errorf("%q is taken for %+v", token, c)
		}
	})
}
