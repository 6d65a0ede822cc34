// Package password hashes and judges the passwords of staff: argon2id with the parameters that OWASP advises, a bound on how
// many are hashed at once, and a few rules on what is accepted. It depends on kit's fault and on x/crypto.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// ErrWeak is a password that is not accepted.
var ErrWeak = fault.New(fault.Invalid, "PASSWORD_WEAK",
	"密码强度不足：请使用 15 至 128 个字符、不含登录名且不常见的密码，例如几个不相关的词语。",
	"This password is too weak: use 15 to 128 characters that do not contain your login and are not well known, such as a few unrelated words.")

// What is accepted, in characters.
const (
	MinLength = 15
	MaxLength = 128
	maxBytes  = 256
)

// OWASP's first choice for argon2id where memory is shared with other work: 19 MiB, two passes, one lane.
const (
	memory  = 19 * 1024 // KiB
	passes  = 2
	lanes   = 1
	keyLen  = 32
	saltLen = 16
)

//go:embed known.txt
var knownText string

var known = func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(knownText) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			set[line] = true
		}
	}
	return set
}()

// Check refuses passwords that would be guessed early. It asks for length, not for kinds of characters.
func Check(password, login string) error {
	length := utf8.RuneCountInString(password)
	lower := strings.ToLower(password)
	switch {
	case !utf8.ValidString(password) || length < MinLength || length > MaxLength || len(password) > maxBytes:
		return ErrWeak
	case known[lower] || login != "" && strings.Contains(lower, strings.ToLower(login)):
		return ErrWeak
	case distinct(password) < 5 || repeats(lower):
		return ErrWeak
	}
	return nil
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// repeats tells whether a text is a short piece said again and again, or a run along the alphabet or the digits.
func repeats(s string) bool {
	for period := 1; period <= len(s)/2 && period <= 8; period++ {
		if s[period:] == s[:len(s)-period] {
			return true
		}
	}
	up, down := true, true
	for i := 1; i < len(s); i++ {
		step := int(s[i]) - int(s[i-1])
		up = up && (step == 1 || s[i-1] == '9' && s[i] == '0')
		down = down && (step == -1 || s[i-1] == '0' && s[i] == '9')
	}
	return up || down
}

// Hasher hashes a bounded number of passwords at once: each takes 19 MiB while it runs, and a flood of sign-ins must not eat
// the machine. Who comes beyond that waits for their turn as long as their context lasts.
type Hasher struct{ turns chan struct{} }

// NewHasher makes one that does so many at once; two if zero.
func NewHasher(atOnce int) *Hasher {
	if atOnce <= 0 {
		atOnce = min(2, runtime.GOMAXPROCS(0))
	}
	return &Hasher{turns: make(chan struct{}, atOnce)}
}

// Hash makes what is stored of a password, in the usual text form with its parameters.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // it never fails; the process ends instead
	key, err := h.derive(ctx, password, salt, parameters{memory, passes, lanes})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

// Verify compares a password with what is stored. With nothing stored it does the same work and says no, so that the time
// tells nobody whether an account exists.
func (h *Hasher) Verify(ctx context.Context, stored, password string) (bool, error) {
	p, salt, want := parameters{memory, passes, lanes}, make([]byte, saltLen), []byte(nil)
	if stored != "" {
		var err error
		if p, salt, want, err = parse(stored); err != nil {
			return false, err
		}
	}
	got, err := h.derive(ctx, password, salt, p)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

type parameters struct {
	memory, passes uint32
	lanes          uint8
}

func (h *Hasher) derive(ctx context.Context, password string, salt []byte, p parameters) ([]byte, error) {
	select {
	case h.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.turns }()
	return argon2.IDKey([]byte(password), salt, p.passes, p.memory, p.lanes, keyLen), nil
}

var errStored = errors.New("password: the stored form cannot be read")

func parse(stored string) (p parameters, salt, key []byte, err error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errStored
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); err != nil {
		return p, nil, nil, errStored
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(key) != keyLen || p.memory == 0 || p.memory > 1<<20 || p.passes == 0 || p.passes > 100 || p.lanes == 0 {
		return p, nil, nil, errStored
	}
	return p, salt, key, nil
}

// initialAlphabet has no characters that are misread when copied from a screen by hand.
const initialAlphabet = "abcdefghjkmnpqrstuvwxyz23456789"

// Initial makes a first password to be typed once: five groups of five, about 124 bits.
func Initial() string {
	var b strings.Builder
	for i := range 25 {
		if i > 0 && i%5 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(initialAlphabet[draw(len(initialAlphabet))])
	}
	return b.String()
}

// draw is an even draw below n, which is less than 256.
func draw(n int) int {
	for {
		var b [1]byte
		_, _ = rand.Read(b[:])
		if int(b[0]) < 256-256%n {
			return int(b[0]) % n
		}
	}
}
