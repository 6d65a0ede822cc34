package authn

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
)

// Keys finds the public key that a token names. A key that is no longer found takes the tokens it signed with it, the
// verified and cached ones included.
type Keys interface {
	// Key returns the key of that id; false when there is none; an error when it cannot be known at the moment.
	Key(ctx context.Context, id string) (ed25519.PublicKey, bool, error)
}

// KeyID derives a key's id from the key itself (RFC 7638 thumbprint), so that no two keys share one by accident.
func KeyID(key ed25519.PublicKey) string {
	// Members in lexical order without spaces: the form the thumbprint is defined over.
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + base64.RawURLEncoding.EncodeToString(key) + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// KeySet is a set of public keys that can be replaced while in use.
type KeySet struct {
	keys atomic.Pointer[map[string]ed25519.PublicKey]
}

var _ Keys = (*KeySet)(nil)

// NewKeySet makes a set of these keys.
func NewKeySet(keys ...ed25519.PublicKey) *KeySet {
	s := &KeySet{}
	s.Replace(keys...)
	return s
}

// Replace swaps the whole set at once. A rotation first adds the new key, waits until every verifier has it, signs with it,
// and drops the old one when the last token it signed has expired.
func (s *KeySet) Replace(keys ...ed25519.PublicKey) {
	byID := make(map[string]ed25519.PublicKey, len(keys))
	for _, key := range keys {
		byID[KeyID(key)] = slices.Clone(key)
	}
	s.keys.Store(&byID)
}

// Key implements Keys; it never fails.
func (s *KeySet) Key(_ context.Context, id string) (ed25519.PublicKey, bool, error) {
	key, ok := (*s.keys.Load())[id]
	return key, ok, nil
}

// Len is how many keys there are.
func (s *KeySet) Len() int { return len(*s.keys.Load()) }

type jwk struct {
	KeyType string `json:"kty"`
	Curve   string `json:"crv"`
	X       string `json:"x"`
	ID      string `json:"kid"`
	Use     string `json:"use,omitempty"`
	Alg     string `json:"alg,omitempty"`
}

type jwks struct {
	Keys []jwk `json:"keys"`
}

// JWKS publishes the set as a JSON Web Key Set, in the order of the ids.
func (s *KeySet) JWKS() []byte {
	keys := *s.keys.Load()
	doc := jwks{Keys: make([]jwk, 0, len(keys))}
	for _, id := range slices.Sorted(maps.Keys(keys)) {
		doc.Keys = append(doc.Keys, jwk{KeyType: "OKP", Curve: "Ed25519", X: base64.RawURLEncoding.EncodeToString(keys[id]),
			ID: id, Use: "sig", Alg: "EdDSA"})
	}
	out, err := json.Marshal(doc)
	if err != nil {
		panic(err) // strings only: it cannot fail
	}
	return out
}

// ParseJWKS reads the signing keys of a JSON Web Key Set. Keys of other kinds are passed over, as the standard wants; a
// broken Ed25519 key is an error, and so is a set with no usable key, which is more likely an error page than an intention.
func ParseJWKS(doc []byte) ([]ed25519.PublicKey, error) {
	var set jwks
	if err := json.NewDecoder(bytes.NewReader(doc)).Decode(&set); err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	var keys []ed25519.PublicKey
	for i, k := range set.Keys {
		if k.KeyType != "OKP" || k.Curve != "Ed25519" || (k.Use != "" && k.Use != "sig") || (k.Alg != "" && k.Alg != "EdDSA") {
			continue
		}
		raw, err := base64.RawURLEncoding.Strict().DecodeString(k.X)
		if err != nil || len(raw) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("key set: key %d is not an Ed25519 key", i)
		}
		if id := KeyID(raw); k.ID != id {
			return nil, fmt.Errorf("key set: key %d is called %.50q but is %s", i, k.ID, id)
		}
		keys = append(keys, raw)
	}
	if len(keys) == 0 {
		return nil, errors.New("key set: no Ed25519 signing key in it")
	}
	return keys, nil
}
