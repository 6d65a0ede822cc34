package authn

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/throughtrain/throughtrain/services/kit/clock"
)

const (
	defaultLeeway = 5 * time.Second
	defaultCache  = 10_000
	maxTokenBytes = 8 << 10
)

// VerifierConfig is what a service believes.
type VerifierConfig struct {
	Issuer   string // iss of access tokens
	Audience string // aud of access tokens: the suite
	Keys     Keys   // of the issuer
	// Service is this service's own name: the aud of tokens that other services show to it.
	Service string
	// Peers holds the keys of the services that may call, by their names. A key speaks for its own service only.
	Peers map[string]Keys
	// Revocations may be nil where nothing is ever revoked.
	Revocations *Revocations
	Clock       clock.Clock   // wall clock
	Leeway      time.Duration // for hosts whose clocks differ; 5 s when zero
	Cache       int           // verified tokens kept; 10,000 when zero
}

// Verifier turns tokens into callers. A token is checked in full once and then recognised by its digest until it expires;
// expiry, revocation and the presence of its key are looked at every time.
type Verifier struct {
	VerifierConfig
	cache   *cache
	access  *jwt.Parser
	service *jwt.Parser
}

// NewVerifier makes a verifier.
func NewVerifier(c VerifierConfig) (*Verifier, error) {
	if c.Issuer == "" || c.Audience == "" || c.Keys == nil || c.Service == "" || c.Clock == nil {
		return nil, errors.New("authn: a verifier needs an issuer, an audience, keys, the service's name and a clock")
	}
	if c.Leeway == 0 {
		c.Leeway = defaultLeeway
	}
	if c.Cache <= 0 {
		c.Cache = defaultCache
	}
	common := []jwt.ParserOption{
		jwt.WithValidMethods([]string{"EdDSA"}), jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(), jwt.WithIssuedAt(),
		jwt.WithLeeway(c.Leeway), jwt.WithTimeFunc(c.Clock.Now), jwt.WithStrictDecoding(),
	}
	with := func(more ...jwt.ParserOption) *jwt.Parser { return jwt.NewParser(append(more, common...)...) }
	return &Verifier{VerifierConfig: c, cache: newCache(c.Cache),
		access:  with(jwt.WithIssuer(c.Issuer), jwt.WithAudience(c.Audience)),
		service: with(jwt.WithAudience(c.Service)),
	}, nil
}

// Verify returns the caller that a token proves, or a fault. The caller is shared; it must not be changed.
func (v *Verifier) Verify(ctx context.Context, token string) (*Caller, error) {
	if token == "" {
		return nil, ErrTokenMissing
	}
	if len(token) > maxTokenBytes {
		return nil, ErrTokenInvalid.Wrap(fmt.Errorf("%d bytes long", len(token)))
	}
	key := sha256.Sum256([]byte(token))
	found := v.cache.get(key)
	if found == nil {
		fresh, err := v.inspect(ctx, token)
		if err != nil {
			return nil, err
		}
		found = fresh
		v.cache.put(key, found)
	} else if err := v.stillGood(ctx, found); err != nil {
		v.cache.drop(key)
		return nil, err
	}
	if v.Revocations.Revoked(found.caller, found.issued) {
		return nil, ErrSessionRevoked
	}
	return found.caller, nil
}

// stillGood looks again at what may have changed since the token was inspected.
func (v *Verifier) stillGood(ctx context.Context, found *verified) error {
	now := v.Clock.Now()
	if !now.Before(found.expires) {
		return ErrTokenExpired
	}
	if now.Before(found.starts) {
		return ErrTokenInvalid.Wrap(errors.New("not valid yet: the clock went back"))
	}
	return v.keyOf(ctx, found.caller, found.keyID)
}

func (v *Verifier) keyOf(ctx context.Context, c *Caller, id string) error {
	keys := v.Keys
	if c.Kind == Service {
		keys = v.Peers[c.Name]
	}
	switch _, ok, err := keys.Key(ctx, id); {
	case err != nil:
		return ErrKeysUnavailable.Wrap(err)
	case !ok:
		return ErrTokenInvalid.Wrap(errors.New("its key was withdrawn"))
	}
	return nil
}

// inspect checks everything about a token that is not in the cache.
func (v *Verifier) inspect(ctx context.Context, raw string) (*verified, error) {
	typ, err := typeOf(raw)
	if err != nil {
		return nil, ErrTokenInvalid.Wrap(err)
	}
	var (
		token  *jwt.Token
		caller *Caller
		claims *jwt.RegisteredClaims
	)
	if typ == serviceType {
		c := &serviceClaims{}
		token, err = v.service.ParseWithClaims(raw, c, v.peerKey(ctx, c))
		caller, claims = &Caller{Kind: Service, Name: c.Subject}, &c.RegisteredClaims
	} else {
		c := &accessClaims{}
		if token, err = v.access.ParseWithClaims(raw, c, v.issuerKey(ctx)); err == nil {
			caller, err = c.caller()
		}
		claims = &c.RegisteredClaims
	}
	switch {
	case errors.Is(err, errNoKeys):
		return nil, ErrKeysUnavailable.Wrap(err)
	case onlyExpired(err):
		return nil, ErrTokenExpired.Wrap(err)
	case err != nil:
		return nil, ErrTokenInvalid.Wrap(err)
	}
	return &verified{caller: caller, keyID: token.Header["kid"].(string), issued: claims.IssuedAt.Time,
		starts: claims.NotBefore.Add(-v.Leeway), expires: claims.ExpiresAt.Add(v.Leeway)}, nil
}

// onlyExpired tells a token that was good from one that was never meant for us: only the first is worth refreshing. Claims
// are looked at after the signature, so an expired token was signed by the right key.
func onlyExpired(err error) bool {
	return errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, errClaims) &&
		!errors.Is(err, jwt.ErrTokenInvalidAudience) && !errors.Is(err, jwt.ErrTokenInvalidIssuer)
}

var errNoKeys = errors.New("keys cannot be read")

func (v *Verifier) issuerKey(ctx context.Context) jwt.Keyfunc {
	return func(t *jwt.Token) (any, error) { return lookUp(ctx, v.Keys, t) }
}

// peerKey finds the key among those of the service that the token claims to be, so that no service can sign for another.
func (v *Verifier) peerKey(ctx context.Context, c *serviceClaims) jwt.Keyfunc {
	return func(t *jwt.Token) (any, error) {
		keys, ok := v.Peers[c.Subject]
		if !ok || c.Issuer != c.Subject {
			return nil, fmt.Errorf("service %.40q is not known", c.Subject)
		}
		return lookUp(ctx, keys, t)
	}
}

func lookUp(ctx context.Context, keys Keys, t *jwt.Token) (ed25519.PublicKey, error) {
	id, _ := t.Header["kid"].(string)
	key, ok, err := keys.Key(ctx, id)
	switch {
	case err != nil:
		return nil, errors.Join(errNoKeys, err)
	case !ok:
		return nil, fmt.Errorf("key %.60q is not known", id)
	}
	return key, nil
}

// typeOf reads the header and refuses all that could lead a verifier astray: another algorithm, another type, a key brought
// along or pointed to, and extensions that we do not understand.
func typeOf(raw string) (string, error) {
	token, _, err := jwt.NewParser(jwt.WithStrictDecoding()).ParseUnverified(raw, &jwt.RegisteredClaims{})
	if err != nil {
		return "", err
	}
	for name := range token.Header {
		switch name {
		case "alg", "kid", "typ":
		default:
			return "", fmt.Errorf("header %.40q is not allowed", name)
		}
	}
	if token.Method != jwt.SigningMethodEdDSA {
		return "", fmt.Errorf("algorithm %q is not allowed", token.Method.Alg())
	}
	switch typ, _ := token.Header["typ"].(string); typ {
	case accessType, serviceType:
		return typ, nil
	default:
		return "", fmt.Errorf("type %.40q is not allowed", typ)
	}
}
