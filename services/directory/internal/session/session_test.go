package session_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/directory/internal/session"
)

var start = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

const id = "0193f000-0000-7000-8000-000000000001"

func TestCodesAreSixDigits(t *testing.T) {
	seen := map[string]bool{}
	for range 2000 {
		code := session.NewCode()
		if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
			t.Fatalf("got %q", code)
		}
		seen[code] = true
	}
	if len(seen) < 1900 {
		t.Errorf("%d different codes of 2000", len(seen))
	}
	if a, b := session.NewChallenge(), session.NewChallenge(); a == b || len(a) != 32 {
		t.Errorf("challenges %q and %q", a, b)
	}
}

func TestTry(t *testing.T) {
	c := session.Challenge{CodeMac: []byte("right"), Expires: start.Add(session.CodeLife)}
	for name, test := range map[string]struct {
		mac   string
		tries int
		at    time.Time
		want  session.Verdict
	}{
		"right":                      {"right", 0, start, session.Right},
		"right at the last try":      {"right", 4, start, session.Right},
		"right after the last try":   {"right", 5, start, session.Dead},
		"right in the last instant":  {"right", 0, c.Expires.Add(-time.Microsecond), session.Right},
		"right when it has expired":  {"right", 0, c.Expires, session.Dead},
		"wrong":                      {"wrong", 0, start, session.Wrong},
		"nothing":                    {"", 0, start, session.Wrong},
		"wrong when it has expired":  {"wrong", 0, c.Expires, session.Dead},
		"wrong beyond the last try":  {"wrong", 5, start, session.Dead},
		"wrong, one character short": {"righ", 0, start, session.Wrong},
	} {
		c.Tries = test.tries
		if got := c.Try([]byte(test.mac), test.at); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

// TestNoWindowEverHoldsMore: whenever somebody asks, every stretch of a window's length holds at most as many as it allows,
// and the wait that is told is exactly how long it takes.
func TestNoWindowEverHoldsMore(t *testing.T) {
	windows := []session.Window{{Max: 1, Per: time.Minute}, {Max: 5, Per: time.Hour}, {Max: 10, Per: 24 * time.Hour}}
	rapid.Check(t, func(t *rapid.T) {
		var log, all session.Log
		now := start
		for range rapid.IntRange(1, 60).Draw(t, "asks") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(3*time.Hour)).Draw(t, "pause")))
			next, wait, ok := log.Admit(now, windows...)
			if !ok {
				if wait <= 0 {
					t.Fatal("refused without a wait")
				}
				if _, _, ok := log.Admit(now.Add(wait-1), windows...); ok {
					t.Fatal("admitted before the wait was over")
				}
				if _, _, ok := log.Admit(now.Add(wait), windows...); !ok {
					t.Fatal("refused after the wait")
				}
				continue
			}
			log, all = next, append(all, now)
			for _, w := range windows {
				within := 0
				for _, at := range all {
					if now.Sub(at) < w.Per {
						within++
					}
				}
				if within > w.Max {
					t.Fatalf("%d within %v", within, w.Per)
				}
			}
		}
		if len(log) > 10 {
			t.Fatalf("the log keeps %d", len(log))
		}
	})
}

func TestFailuresCostEverMoreButNeverForEver(t *testing.T) {
	var f session.Failures
	now := start
	var waits []time.Duration
	for range 20 {
		f = f.Failed(now)
		waits = append(waits, f.Wait(now))
		now = now.Add(max(f.Wait(now), time.Second))
	}
	if !slices.IsSorted(waits) || waits[2] != 0 || waits[3] != 2*time.Second || waits[19] != 15*time.Minute {
		t.Errorf("waits are %v", waits)
	}
	if got := f.Wait(f.Last.Add(15 * time.Minute)); got > 0 {
		t.Errorf("still %v after the longest wait", got)
	}
	if got := f.Failed(f.Last.Add(24 * time.Hour)); got.Count != 1 {
		t.Errorf("a day later the count is %d", got.Count)
	}
}

func tokens(secret string) session.Tokens {
	mac := func(purpose string) session.Mac {
		return func(parts ...string) []byte {
			h := hmac.New(sha256.New, []byte(secret+purpose))
			for _, part := range parts {
				h.Write([]byte{byte(len(part))})
				h.Write([]byte(part))
			}
			return h.Sum(nil)
		}
	}
	return session.Tokens{Mark: mac("mark"), Next: mac("next")}
}

func text(t *testing.T, ts session.Tokens, r session.Refresh) string {
	t.Helper()
	s, err := ts.Text(r)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTokensAreReadAsTheyWereMade(t *testing.T) {
	ts := tokens("a")
	first := ts.First("410900", id)
	s := text(t, ts, first)
	got, err := ts.Read(s)
	if err != nil || got != first || len(s) > 200 {
		t.Fatalf("%d characters, %v", len(s), err)
	}
	if next := ts.After(first); bytes.Equal(next.Hash(), first.Hash()) || next != ts.After(got) {
		t.Error("the successor is not another one, or not always the same")
	}
	if ts.First("410900", id) == first {
		t.Error("two sessions begin alike")
	}
}

func TestWhatIsNoTokenOfOurs(t *testing.T) {
	ts := tokens("a")
	good := text(t, ts, ts.First("410900", id))
	foreign := text(t, tokens("b"), ts.First("410900", id))
	body, err := base64.RawURLEncoding.DecodeString(good[3:])
	if err != nil {
		t.Fatal(err)
	}
	for i := range body {
		changed := slices.Clone(body)
		changed[i] ^= 1
		if _, err := ts.Read("r1." + base64.RawURLEncoding.EncodeToString(changed)); !errors.Is(err, session.ErrToken) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	for name, bad := range map[string]string{"empty": "", "foreign": foreign, "short": good[:len(good)-1], "long": good + "A",
		"no version": good[3:], "other version": "r2" + good[2:], "padded": good + "=", "blank": " " + good, "an access token": "eyJhbGciOiJFZERTQSJ9.e30.x"} {
		if _, err := ts.Read(bad); !errors.Is(err, session.ErrToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ts.Text(session.Refresh{City: "1", Session: id}); err == nil {
		t.Error("a token without a city")
	}
}

func TestPresent(t *testing.T) {
	ts := tokens("a")
	first := ts.First("410900", id)
	second := ts.After(first)
	third := ts.After(second)
	fresh := session.New("410900", id, "p", session.ByCode, first, start)
	later := start.Add(time.Hour)
	rotated := fresh.Rotate(second, later)
	twice := rotated.Rotate(third, later.Add(time.Hour))
	ended := fresh
	ended.Ended = later
	for name, test := range map[string]struct {
		s    session.Session
		r    session.Refresh
		at   time.Time
		want session.Use
	}{
		"the newest":                       {fresh, first, later, session.Rotated},
		"the newest after a rotation":      {rotated, second, later.Add(time.Second), session.Rotated},
		"the one before, at once":          {rotated, first, later, session.Retried},
		"the one before, a moment later":   {rotated, first, later.Add(session.RetryGrace - 1), session.Retried},
		"the one before, too late":         {rotated, first, later.Add(session.RetryGrace), session.Stolen},
		"two before, at once":              {twice, first, later.Add(time.Hour), session.Stolen},
		"one that was not given out yet":   {fresh, second, later, session.Stolen},
		"the newest of an ended session":   {ended, first, later, session.Refused},
		"an old one of an ended session":   {ended, second, later, session.Refused},
		"the newest, not used for a month": {fresh, first, start.Add(30 * 24 * time.Hour), session.Refused},
		"the newest, used in time":         {fresh, first, start.Add(30*24*time.Hour - 1), session.Rotated},
	} {
		if got := test.s.Present(test.r, test.at); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestLives(t *testing.T) {
	ts := tokens("a")
	for kind, want := range map[session.Kind]session.Life{
		session.ByCode:     {Idle: 30 * 24 * time.Hour, Absolute: 90 * 24 * time.Hour},
		session.ByPassword: {Idle: 30 * time.Minute, Absolute: 12 * time.Hour},
	} {
		s := session.New("410900", id, "p", kind, ts.First("410900", id), start)
		if got := s.Until().Sub(start); got != want.Idle {
			t.Errorf("%s: idle for %v", kind, got)
		}
		// However often it is used, it ends.
		for now := start; ; now = now.Add(want.Idle - time.Minute) {
			if !s.Live(now) {
				if got := now.Sub(start); got < want.Absolute || got > want.Absolute+want.Idle {
					t.Errorf("%s: used all the time it lived %v", kind, got)
				}
				break
			}
			s = s.Rotate(ts.First("410900", id), now)
		}
	}
}

func FuzzReadToken(f *testing.F) {
	ts := tokens("a")
	good, err := ts.Text(ts.First("410900", id))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("r1.")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ts.Read(s)
		if err != nil {
			return
		}
		if again, err := ts.Text(r); err != nil || again != s {
			t.Fatalf("%q was read and is written %q, %v", s, again, err)
		}
	})
}
