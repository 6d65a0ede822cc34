package line_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/line"
	"github.com/throughtrain/throughtrain/services/agency/internal/line/linetest"
)

var (
	now    = cataloguetest.At("2026-03-02 09:00")
	system = catalogue.LineSystem{Code: cataloguetest.System, Unit: cataloguetest.Housing, PublicKey: cataloguetest.PublicKey()}
)

func report(change ...func(*agencyv1.LineReportMessage)) *agencyv1.LineReportMessage {
	m := &agencyv1.LineReportMessage{Id: "m-1", Sent: timestamppb.New(now), Events: []*agencyv1.LineItemEvent{{
		CaseNumber: "2603020000017", Item: cataloguetest.FireReview, Attempt: 1, Sequence: 1, Kind: agencyv1.LineItemEvent_ACCEPTED, EventTime: timestamppb.New(now),
	}}}
	for _, c := range change {
		c(m)
	}
	return m
}

func TestWhatIsSignedIsRead(t *testing.T) {
	want := report()
	got, err := line.Report(system, linetest.Sign(t, want), now)
	if err != nil || !proto.Equal(want, got) {
		t.Errorf("%v, %v", got, err)
	}
	asked := &agencyv1.LinePullMessage{Sent: timestamppb.New(now), After: 7, Limit: 10, WaitSeconds: 5}
	pull, err := line.Pull(system, linetest.Sign(t, asked), now)
	if err != nil || !proto.Equal(asked, pull) {
		t.Errorf("%v, %v", pull, err)
	}
	typed := linetest.JWS(fmt.Sprintf(`{"typ":"JWT","kid":%q,"alg":"EdDSA"}`, system.Code), payload(t), cataloguetest.Sign)
	if _, err := line.Report(system, typed, now); err != nil {
		t.Errorf("with a type, which says nothing: %v", err)
	}
}

// payload is the JSON of a sound report.
func payload(t *testing.T) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(linetest.Sign(t, report()), ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestNothingElseIsBelieved tries the known ways around a signature.
func TestNothingElseIsBelieved(t *testing.T) {
	good, said := linetest.Sign(t, report()), payload(t)
	parts := strings.Split(good, ".")
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	byOther := func(m []byte) []byte { return ed25519.Sign(other, m) }
	byHMAC := func(m []byte) []byte { // the public key taken for a secret
		mac := hmac.New(sha256.New, system.PublicKey)
		mac.Write(m)
		return mac.Sum(nil)
	}
	nothing := func([]byte) []byte { return nil }
	with := func(more string) string {
		return linetest.JWS(fmt.Sprintf(`{"alg":"EdDSA","kid":%q,%s}`, system.Code, more), said, cataloguetest.Sign)
	}
	tampered := bytes.Replace(said, []byte("ACCEPTED"), []byte("APPROVED"), 1)
	for name, jws := range map[string]string{
		"nothing":                      "",
		"no signature":                 parts[0] + "." + parts[1],
		"an empty signature":           parts[0] + "." + parts[1] + ".",
		"four parts":                   good + ".AA",
		"a tampered body":              parts[0] + "." + linetest.Part(tampered) + "." + parts[2],
		"a tampered header":            linetest.Part([]byte(`{"kid":"housing-system","alg":"EdDSA"}`)) + "." + parts[1] + "." + parts[2],
		"another's signature":          linetest.JWS(linetest.Header("EdDSA", system.Code), said, byOther),
		"alg none":                     linetest.JWS(linetest.Header("none", system.Code), said, nothing),
		"alg none, signed":             linetest.JWS(linetest.Header("none", system.Code), said, cataloguetest.Sign),
		"alg HS256 with the key":       linetest.JWS(linetest.Header("HS256", system.Code), said, byHMAC),
		"alg EdDSA with a MAC":         linetest.JWS(linetest.Header("EdDSA", system.Code), said, byHMAC),
		"alg in another case":          linetest.JWS(linetest.Header("eddsa", system.Code), said, cataloguetest.Sign),
		"alg that is no text":          linetest.JWS(`{"alg":["EdDSA"],"kid":"housing-system"}`, said, cataloguetest.Sign),
		"no alg":                       linetest.JWS(`{"kid":"housing-system"}`, said, cataloguetest.Sign),
		"another system's key id":      linetest.JWS(linetest.Header("EdDSA", "planning-system"), said, cataloguetest.Sign),
		"no key id":                    linetest.JWS(`{"alg":"EdDSA"}`, said, cataloguetest.Sign),
		"an extension that is crit":    with(`"crit":["b64"],"b64":false`),
		"a key brought along":          with(`"jwk":{"kty":"OKP","crv":"Ed25519","x":"` + linetest.Part(other.Public().(ed25519.PublicKey)) + `"}`),
		"a key pointed to":             with(`"jku":"https://example.org/keys"`),
		"a header that is no object":   linetest.JWS(`["EdDSA"]`, said, cataloguetest.Sign),
		"padding":                      good + "=",
		"a line end":                   good + "\n",
		"a signature spelled loosely":  loosely(good),
		"more than a message may hold": linetest.JWS(linetest.Header("EdDSA", system.Code), make([]byte, line.MaxBytes), cataloguetest.Sign),
	} {
		t.Run(name, func(t *testing.T) {
			if m, err := line.Report(system, jws, now); !errors.Is(err, line.ErrSignature) || m != nil {
				t.Errorf("%v, %v", m, err)
			}
		})
	}
	for name, unknown := range map[string]catalogue.LineSystem{
		"no system": {}, "no key": {Code: system.Code}, "half a key": {Code: system.Code, PublicKey: system.PublicKey[:16]},
		"no code": {PublicKey: system.PublicKey},
	} {
		if _, err := line.Report(unknown, good, now); !errors.Is(err, line.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := line.Report(unknown, linetest.JWS(`{"alg":"EdDSA","kid":""}`, said, cataloguetest.Sign), now); !errors.Is(err, line.ErrSignature) {
			t.Errorf("%s, and an empty key id: %v", name, err)
		}
	}
}

// loosely spells the same signature with other unused bits: one message must not have two spellings.
func loosely(jws string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, jws[len(jws)-1])
	return jws[:len(jws)-1] + alphabet[last^1:last^1+1]
}

func TestMessagesAreFreshByTheWallClock(t *testing.T) {
	for name, c := range map[string]struct {
		off   time.Duration
		stale bool
	}{
		"now": {0, false}, "just in time": {-line.Window, false}, "a clock ahead": {line.Window, false},
		"too old": {-line.Window - time.Millisecond, true}, "from the future": {line.Window + time.Millisecond, true},
		"of last year": {-365 * 24 * time.Hour, true},
	} {
		sent := timestamppb.New(now.Add(c.off))
		_, err := line.Report(system, linetest.Sign(t, report(func(m *agencyv1.LineReportMessage) { m.Sent = sent })), now)
		if errors.Is(err, line.ErrStale) != c.stale || !c.stale && err != nil {
			t.Errorf("a report %s: %v", name, err)
		}
		_, err = line.Pull(system, linetest.Sign(t, &agencyv1.LinePullMessage{Sent: sent}), now)
		if errors.Is(err, line.ErrStale) != c.stale || !c.stale && err != nil {
			t.Errorf("a question %s: %v", name, err)
		}
	}
}

func TestReportsThatCanNeverBe(t *testing.T) {
	event := func(f func(*agencyv1.LineItemEvent)) func(*agencyv1.LineReportMessage) {
		return func(m *agencyv1.LineReportMessage) { f(m.GetEvents()[0]) }
	}
	long := strings.Repeat("长", 5001)
	for name, change := range map[string]func(*agencyv1.LineReportMessage){
		"no id":            func(m *agencyv1.LineReportMessage) { m.Id = "" },
		"a long id":        func(m *agencyv1.LineReportMessage) { m.Id = strings.Repeat("x", 129) },
		"an id with NUL":   func(m *agencyv1.LineReportMessage) { m.Id = "m\x00" },
		"no time":          func(m *agencyv1.LineReportMessage) { m.Sent = nil },
		"nothing":          func(m *agencyv1.LineReportMessage) { m.Events = nil },
		"too much":         func(m *agencyv1.LineReportMessage) { m.Events = many(m.GetEvents()[0], line.MaxEvents+1) },
		"no case":          event(func(e *agencyv1.LineItemEvent) { e.CaseNumber = "" }),
		"no item":          event(func(e *agencyv1.LineItemEvent) { e.Item = "" }),
		"a long item":      event(func(e *agencyv1.LineItemEvent) { e.Item = strings.Repeat("x", 41) }),
		"no attempt":       event(func(e *agencyv1.LineItemEvent) { e.Attempt = 0 }),
		"no sequence":      event(func(e *agencyv1.LineItemEvent) { e.Sequence = 0 }),
		"no kind":          event(func(e *agencyv1.LineItemEvent) { e.Kind = 0 }),
		"an unknown kind":  event(func(e *agencyv1.LineItemEvent) { e.Kind = 99 }),
		"no event time":    event(func(e *agencyv1.LineItemEvent) { e.EventTime = nil }),
		"a long text":      event(func(e *agencyv1.LineItemEvent) { e.Text = long }),
		"a long remedy":    event(func(e *agencyv1.LineItemEvent) { e.Remedy = long }),
		"a long reference": event(func(e *agencyv1.LineItemEvent) { e.Reference = long }),
		"NUL in a text":    event(func(e *agencyv1.LineItemEvent) { e.Text = "a\x00b" }),
		"NUL further down": event(func(e *agencyv1.LineItemEvent) {
			e.Deficiencies = []*agencyv1.Deficiency{{Material: "m", Text: "\x00"}}
		}),
		"too much missing": event(func(e *agencyv1.LineItemEvent) { e.Deficiencies = make([]*agencyv1.Deficiency, 101) }),
		"much of a deficiency": event(func(e *agencyv1.LineItemEvent) {
			e.Deficiencies = []*agencyv1.Deficiency{{Material: "m", Text: long}}
		}),
	} {
		if _, err := line.Report(system, linetest.Sign(t, report(change)), now); !errors.Is(err, line.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	most := report(func(m *agencyv1.LineReportMessage) { m.Events = many(m.GetEvents()[0], line.MaxEvents) })
	if _, err := line.Report(system, linetest.Sign(t, most), now); err != nil {
		t.Errorf("as much as there may be: %v", err)
	}
}

func many(e *agencyv1.LineItemEvent, n int) (all []*agencyv1.LineItemEvent) {
	for range n {
		all = append(all, e)
	}
	return all
}

func TestQuestionsThatCanNeverBe(t *testing.T) {
	for name, m := range map[string]*agencyv1.LinePullMessage{
		"a position before the first": {After: -1}, "less than nothing": {Limit: -1}, "a wait backwards": {WaitSeconds: -1},
	} {
		m.Sent = timestamppb.New(now)
		if _, err := line.Pull(system, linetest.Sign(t, m), now); !errors.Is(err, line.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWhatIsSignedIsTheContracts: one kind of message never passes for the other, and nothing in it is overlooked.
func TestWhatIsSignedIsTheContracts(t *testing.T) {
	sign := func(json string) string {
		return linetest.JWS(linetest.Header("EdDSA", system.Code), []byte(json), cataloguetest.Sign)
	}
	at := now.Format(time.RFC3339)
	for name, json := range map[string]string{
		"no JSON": "sent now", "broken JSON": `{"sent":"` + at, "a list": `[]`, "nothing": ``, "two": `{"sent":"` + at + `"}{}`,
		"an unknown field": `{"sent":"` + at + `","after":"0","comment":"x"}`, "a field twice": `{"sent":"` + at + `","after":"0","after":"5"}`,
		"another kind of field": `{"sent":"` + at + `","after":{}}`, "half a character": `{"sent":"` + at + `","after":"` + "\xff" + `"}`,
	} {
		if _, err := line.Pull(system, sign(json), now); !errors.Is(err, line.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := line.Pull(system, linetest.Sign(t, report()), now); !errors.Is(err, line.ErrInvalid) {
		t.Errorf("a report as a question: %v", err)
	}
	if _, err := line.Report(system, sign(`{"sent":"`+at+`"}`), now); !errors.Is(err, line.ErrInvalid) {
		t.Errorf("a question as a report: %v", err)
	}
}

func TestIdentityIsWhatIsSaid(t *testing.T) {
	identity := func(m *agencyv1.LineReportMessage) string {
		b, err := line.Identity(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	m := report()
	first := identity(m)
	if m.GetSent() == nil {
		t.Error("the message changed")
	}
	if identity(report(func(m *agencyv1.LineReportMessage) { m.Sent = timestamppb.New(now.Add(time.Hour)) })) != first {
		t.Error("sent again, it is another message")
	}
	if identity(report(func(m *agencyv1.LineReportMessage) { m.GetEvents()[0].Sequence = 2 })) == first {
		t.Error("another report passes for the same")
	}
}

// FuzzReport: whatever comes, a message is believed only if the system signed exactly that.
func FuzzReport(f *testing.F) {
	f.Add("", "", []byte(nil))
	f.Add(`{"alg":"EdDSA","kid":"housing-system"}`, `{"id":"1","sent":"2026-03-02T01:00:00Z"}`, []byte("sig"))
	f.Add(`{"alg":"none","kid":"housing-system"}`, `{"events":[{"caseNumber":"1"}]}`, []byte(nil))
	f.Fuzz(func(t *testing.T, header, body string, signature []byte) {
		jws := linetest.JWS(header, []byte(body), func([]byte) []byte { return signature })
		if m, err := line.Report(system, jws, now); err == nil {
			t.Fatalf("believed %v without the key", m)
		}
		if m, err := line.Report(system, header+body+string(signature), now); err == nil {
			t.Fatalf("believed %v", m)
		}
		// Signed, it may be wrong, and must then say so; it may not panic.
		m, err := line.Report(system, linetest.JWS(linetest.Header("EdDSA", system.Code), []byte(body), cataloguetest.Sign), now)
		switch {
		case err == nil && (m.GetId() == "" || len(m.GetEvents()) == 0):
			t.Fatalf("took %v", m)
		case err != nil && !errors.Is(err, line.ErrInvalid) && !errors.Is(err, line.ErrStale):
			t.Fatalf("refused with %v", err)
		}
	})
}
