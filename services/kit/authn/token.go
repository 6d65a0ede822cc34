package authn

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/kit/clock"
)

// The two sorts of token differ in their header's type, so that neither can stand in for the other.
const (
	accessType  = "at+jwt"  // RFC 9068
	serviceType = "svc+jwt" // a service of the suite, acting for itself
)

// What access tokens of the suite say of where they are from and whom they are for.
const (
	SuiteIssuer   = "throughtrain-directory"
	SuiteAudience = "throughtrain"
)

// Bounds on what is believed, whatever a key has signed.
const (
	maxAccessLife  = time.Hour
	maxServiceLife = 5 * time.Minute
	serviceLife    = time.Minute
)

type grantClaim struct {
	Role string `json:"role"`
	Unit string `json:"unit,omitempty"`
}

type accessClaims struct {
	jwt.RegisteredClaims
	City        string       `json:"city"`
	Session     string       `json:"sid"`
	Unit        string       `json:"unit,omitempty"`
	Roles       []grantClaim `json:"roles,omitempty"`
	Enterprises []string     `json:"enterprises,omitempty"`
	AdminOf     []string     `json:"ent_admin,omitempty"`
	Phone       string       `json:"phone_number,omitempty"`
}

// Validate implements jwt.ClaimsValidator: what every access token of ours has.
func (c *accessClaims) Validate() error {
	if c.Subject == "" || c.City == "" || c.Session == "" {
		return fmt.Errorf("%w: sub, city and sid are required", errClaims)
	}
	return lifetime(c.RegisteredClaims, maxAccessLife)
}

func (c *accessClaims) caller() (*Caller, error) {
	caller := &Caller{Kind: Person, City: c.City, Person: c.Subject, Session: c.Session, Unit: c.Unit,
		Enterprises: c.Enterprises, AdminOf: c.AdminOf, Phone: c.Phone}
	for _, g := range c.Roles {
		role, err := ParseRole(g.Role)
		if err != nil {
			return nil, err
		}
		caller.Roles = append(caller.Roles, Grant{Role: role, Unit: g.Unit})
	}
	return caller, nil
}

type serviceClaims struct {
	jwt.RegisteredClaims
}

// Validate implements jwt.ClaimsValidator.
func (c *serviceClaims) Validate() error {
	if c.Subject == "" {
		return fmt.Errorf("%w: sub is required", errClaims)
	}
	return lifetime(c.RegisteredClaims, maxServiceLife)
}

// errClaims marks tokens that we would not have made.
var errClaims = errors.New("not the claims of a token of ours")

// lifetime refuses tokens that were made to live longer than any of ours.
func lifetime(c jwt.RegisteredClaims, limit time.Duration) error {
	if c.IssuedAt == nil || c.ExpiresAt == nil {
		return fmt.Errorf("%w: iat and exp are required", errClaims)
	}
	if life := c.ExpiresAt.Sub(c.IssuedAt.Time); life <= 0 || life > limit {
		return fmt.Errorf("%w: made to live %v, at most %v is believed", errClaims, life, limit)
	}
	return nil
}

const rolePrefix = "ROLE_"

// RoleName spells a role as tokens and journals do: CLERK for ROLE_CLERK.
func RoleName(role optionsv1.Role) string { return strings.TrimPrefix(role.String(), rolePrefix) }

// ParseRole reads what RoleName spelled.
func ParseRole(name string) (optionsv1.Role, error) {
	role, ok := optionsv1.Role_value[rolePrefix+name]
	if !ok || role == 0 {
		return 0, fmt.Errorf("role %.40q is not known", name)
	}
	return optionsv1.Role(role), nil
}

// Issuer signs access tokens. Only the directory has one.
type Issuer struct {
	name     string
	audience string
	life     time.Duration
	clock    clock.Clock

	mu  sync.RWMutex
	key ed25519.PrivateKey
	id  string
}

// NewIssuer makes an issuer by the name that tokens carry as iss, for the audience of every service of the suite.
func NewIssuer(name, audience string, key ed25519.PrivateKey, life time.Duration, wall clock.Clock) (*Issuer, error) {
	if life <= 0 || life > maxAccessLife {
		return nil, fmt.Errorf("authn: access tokens cannot live %v; more than zero and at most %v", life, maxAccessLife)
	}
	i := &Issuer{name: name, audience: audience, life: life, clock: wall}
	i.UseKey(key)
	return i, nil
}

// UseKey signs with another key from now on; verifiers must know it already (KeySet.Replace says how to rotate).
func (i *Issuer) UseKey(key ed25519.PrivateKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.key, i.id = key, KeyID(publicOf(key))
}

// Issue signs a token for a person and tells when it expires.
func (i *Issuer) Issue(c Caller) (token string, expires time.Time, err error) {
	if c.Kind != Person || c.City == "" || c.Person == "" || c.Session == "" {
		return "", time.Time{}, errors.New("authn: an access token needs a person, a city and a session")
	}
	now := i.clock.Now().Truncate(time.Second)
	expires = now.Add(i.life)
	claims := &accessClaims{City: c.City, Session: c.Session, Unit: c.Unit, Enterprises: c.Enterprises, AdminOf: c.AdminOf, Phone: c.Phone,
		RegisteredClaims: jwt.RegisteredClaims{Issuer: i.name, Subject: c.Person, Audience: jwt.ClaimStrings{i.audience},
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires)}}
	for _, g := range c.Roles {
		if _, known := optionsv1.Role_name[int32(g.Role)]; !known || g.Role == optionsv1.Role_ROLE_UNSPECIFIED {
			return "", time.Time{}, fmt.Errorf("authn: role %d cannot be granted", g.Role)
		}
		claims.Roles = append(claims.Roles, grantClaim{Role: RoleName(g.Role), Unit: g.Unit})
	}
	i.mu.RLock()
	defer i.mu.RUnlock()
	token, err = sign(claims, accessType, i.id, i.key)
	return token, expires, err
}

// ServiceIssuer signs the tokens by which one service calls another for itself.
type ServiceIssuer struct {
	name  string
	key   ed25519.PrivateKey
	clock clock.Clock

	mu    sync.Mutex
	ready map[string]servicePass // by audience
}

type servicePass struct {
	token string
	renew time.Time
}

// NewServiceIssuer makes the issuer of the service by that name.
func NewServiceIssuer(name string, key ed25519.PrivateKey, wall clock.Clock) *ServiceIssuer {
	return &ServiceIssuer{name: name, key: key, clock: wall, ready: map[string]servicePass{}}
}

// Token is a token for the service named by audience. It is used again until half of its minute is over.
func (i *ServiceIssuer) Token(audience string) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	wall := i.clock.Now()
	if pass, ok := i.ready[audience]; ok && wall.Before(pass.renew) && pass.renew.Sub(wall) <= serviceLife {
		return pass.token, nil
	}
	now := wall.Truncate(time.Second)
	claims := &serviceClaims{jwt.RegisteredClaims{Issuer: i.name, Subject: i.name, Audience: jwt.ClaimStrings{audience},
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(serviceLife))}}
	token, err := sign(claims, serviceType, KeyID(publicOf(i.key)), i.key)
	if err != nil {
		return "", err
	}
	i.ready[audience] = servicePass{token: token, renew: now.Add(serviceLife / 2)}
	return token, nil
}

func sign(claims jwt.Claims, typ, keyID string, key ed25519.PrivateKey) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	token.Header["typ"], token.Header["kid"] = typ, keyID
	return token.SignedString(key)
}

func publicOf(key ed25519.PrivateKey) ed25519.PublicKey {
	return key.Public().(ed25519.PublicKey)
}
