// Package session holds the rules of signing in: one-time codes, limits on asking and trying, refresh tokens that change at
// each use, and how long a session lives. It is pure: time comes in as a value, secrets come in as a Mac; it depends on
// nothing of ours but the phone.
package session

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math/big"
	"time"

	"github.com/throughtrain/throughtrain/services/directory/internal/person"
)

// What a one-time code is good for.
const (
	CodeLife  = 5 * time.Minute
	CodeTries = 5
	codeSpace = 1_000_000
)

// NewCode makes six digits, each million of them equally likely.
func NewCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(codeSpace))
	if err != nil {
		panic("session: no randomness: " + err.Error())
	}
	return fmt.Sprintf("%06d", n)
}

// NewChallenge makes the name under which a code was asked for. It is secret too: who has not asked cannot try.
func NewChallenge() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // it never fails; the process ends instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Challenge is a code that was sent, as it is kept: not the code itself but its keyed hash.
type Challenge struct {
	City, ID string
	Phone    person.Phone
	CodeMac  []byte
	Expires  time.Time
	Tries    int // wrong ones so far
}

// Verdict is what a try comes to.
type Verdict int

// The verdicts.
const (
	Dead  Verdict = iota // expired or tried too often: not even looked at
	Wrong                // counts as a try
	Right                // the challenge is used up
)

// Try judges a code by its keyed hash.
func (c Challenge) Try(mac []byte, now time.Time) Verdict {
	switch {
	case !now.Before(c.Expires) || c.Tries >= CodeTries:
		return Dead
	case subtle.ConstantTimeCompare(mac, c.CodeMac) != 1:
		return Wrong
	}
	return Right
}
