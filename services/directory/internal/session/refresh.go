package session

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"
)

// RetryGrace is how long the token before the newest one still brings the newest one again: two tabs of an honest client ask
// at once, and a client on a bad network asks again for the answer it did not get.
const RetryGrace = 10 * time.Second

const (
	tokenVersion = "r1"
	secretBytes  = 32
	markBytes    = 16
	idBytes      = 16
	cityDigits   = 6
	tokenBytes   = cityDigits + idBytes + secretBytes + markBytes
)

// ErrToken is a text that is no refresh token of ours.
var ErrToken = errors.New("not a refresh token")

// Mac is a keyed hash over parts.
type Mac func(parts ...string) []byte

// Tokens makes and reads refresh tokens.
//
// A token names its session, carries 256 secret bits, and a mark by which we know our own: a token with a true mark that is
// not the newest was once issued, so it was copied; one with a false mark is noise and must not end anybody's session. The
// first secret is random. Each next one is computed from the one before under a key of ours, so that the same token asked
// with twice brings the same successor, although only hashes are stored: neither the database nor the key alone leads from
// one to the next.
type Tokens struct {
	Mark Mac
	Next Mac
}

// Refresh is a token that was read. It came from us; whether it is the newest is for the session to say.
type Refresh struct {
	City    string
	Session string
	secret  [secretBytes]byte
}

// First begins the chain of a session.
func (t Tokens) First(city, session string) Refresh {
	r := Refresh{City: city, Session: session}
	_, _ = rand.Read(r.secret[:]) // it never fails; the process ends instead
	return r
}

// After is the successor of a token.
func (t Tokens) After(r Refresh) Refresh {
	next := Refresh{City: r.City, Session: r.Session}
	copy(next.secret[:], t.Next(r.City, r.Session, string(r.secret[:])))
	return next
}

// Hash is what is stored of a token.
func (r Refresh) Hash() []byte {
	sum := sha256.Sum256(append([]byte("throughtrain refresh "), r.secret[:]...))
	return sum[:]
}

// Text is the token as the client keeps it.
func (t Tokens) Text(r Refresh) (string, error) {
	id, err := hex.DecodeString(strings.ReplaceAll(r.Session, "-", ""))
	if err != nil || len(id) != idBytes || len(r.City) != cityDigits {
		return "", errors.New("session: a token needs a city and a session's id")
	}
	b := make([]byte, 0, tokenBytes)
	b = append(b, r.City...)
	b = append(b, id...)
	b = append(b, r.secret[:]...)
	b = append(b, t.mark(r)...)
	return tokenVersion + "." + base64.RawURLEncoding.EncodeToString(b), nil
}

// Read parses a token and checks its mark.
func (t Tokens) Read(text string) (Refresh, error) {
	body, ok := strings.CutPrefix(text, tokenVersion+".")
	if !ok || len(body) != base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return Refresh{}, ErrToken
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil {
		return Refresh{}, ErrToken
	}
	r := Refresh{City: string(b[:cityDigits])}
	b = b[cityDigits:]
	id := hex.EncodeToString(b[:idBytes])
	r.Session = id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
	b = b[idBytes:]
	copy(r.secret[:], b[:secretBytes])
	if subtle.ConstantTimeCompare(b[secretBytes:], t.mark(r)) != 1 {
		return Refresh{}, ErrToken
	}
	return r, nil
}

func (t Tokens) mark(r Refresh) []byte {
	return t.Mark(r.City, r.Session, string(r.secret[:]))[:markBytes]
}

// Kind is how somebody signed in, which decides how long the session lives.
type Kind string

// The kinds.
const (
	ByCode     Kind = "code"
	ByPassword Kind = "password"
	ByPersona  Kind = "persona" // in a demonstration
)

// Life is how long a session lives: so long without being used, and so long altogether.
type Life struct{ Idle, Absolute time.Duration }

// LifeOf is the life of a session by how it began: a phone is its owner's, a desk may be left.
func LifeOf(k Kind) Life {
	if k == ByPassword {
		return Life{Idle: 30 * time.Minute, Absolute: 12 * time.Hour}
	}
	return Life{Idle: 30 * 24 * time.Hour, Absolute: 90 * 24 * time.Hour}
}

// Session is somebody's way in on one device, as it is kept.
type Session struct {
	City, ID, Person string
	Kind             Kind
	Started          time.Time
	Used             time.Time // when the newest token was made
	Ended            time.Time // zero while it lives
	Hash             []byte    // of the newest token
	Previous         []byte    // of the one before; nil at first
}

// New opens a session with its first token.
func New(city, id, person string, kind Kind, first Refresh, now time.Time) Session {
	return Session{City: city, ID: id, Person: person, Kind: kind, Started: now, Used: now, Hash: first.Hash()}
}

// Until is when the session ends if it is not used.
func (s Session) Until() time.Time {
	life := LifeOf(s.Kind)
	idle, absolute := s.Used.Add(life.Idle), s.Started.Add(life.Absolute)
	if idle.Before(absolute) {
		return idle
	}
	return absolute
}

// Live tells whether the session still is one.
func (s Session) Live(now time.Time) bool { return s.Ended.IsZero() && now.Before(s.Until()) }

// Use is what a presented token comes to.
type Use int

// The uses.
const (
	Refused Use = iota // the session is over
	Rotated            // the newest token: a new one takes its place
	Retried            // the one before, a moment ago: its successor is told again
	Stolen             // an old one: two hold the same chain, so it ends for both
)

// Present judges a token of this session.
func (s Session) Present(r Refresh, now time.Time) Use {
	hash := r.Hash()
	switch {
	case !s.Live(now):
		return Refused
	case bytes.Equal(hash, s.Hash):
		return Rotated
	case s.Previous != nil && bytes.Equal(hash, s.Previous) && now.Sub(s.Used) < RetryGrace:
		return Retried
	default:
		return Stolen
	}
}

// Rotate puts the next token in the place of the newest.
func (s Session) Rotate(next Refresh, now time.Time) Session {
	s.Previous, s.Hash, s.Used = s.Hash, next.Hash(), now
	return s
}
