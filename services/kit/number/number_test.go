package number

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// The vectors are numbers of others that use the same check: ISO 7064's own example, Croatian OIB, German tax numbers.
func TestCheckDigitAgreesWithTheStandard(t *testing.T) {
	for _, n := range []string{"07945", "94577403194", "33392005961", "86095742719", "47036892816"} {
		if got := checkDigit(n[:len(n)-1]); got != n[len(n)-1] {
			t.Errorf("%s: check digit %c", n, got)
		}
	}
}

func TestParse(t *testing.T) {
	n := New().Next("410900", noon)
	for name, written := range map[string]string{
		"plain": n, "dashes": n[:6] + "-" + n[6:12] + " " + n[12:], "around": "  " + n + "\t",
		"full width": strings.Map(func(r rune) rune { return r - '0' + '０' }, n), "ideographic blank": n[:6] + "\u3000" + n[6:],
	} {
		if got, err := Parse(written); err != nil || got != n {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, written := range map[string]string{
		"empty": "", "blank": "   ", "letters": "26112300000A1", "short": n[:12], "long": n + "1", "other digits": "٢" + n[1:],
	} {
		if _, err := Parse(written); !fault.Has(err, "NUMBER_INVALID") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryWrongDigitIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := []byte(NewFrom(bytes.NewReader(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))).Next("410900", noon))
		i := rapid.IntRange(0, len(n)-1).Draw(t, "place")
		n[i] = '0' + (n[i]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if _, err := Parse(string(n)); err == nil {
			t.Fatalf("%s passes with a wrong digit at %d", n, i)
		}
	})
}

// A process never meets its own numbers: it walks a permutation.
func TestNumbersOfADayAreAllDifferent(t *testing.T) {
	s := New()
	seen := make(map[string]bool, 1_000_100)
	for i := range 1_000_100 {
		n := s.Next("410900", noon)
		if seen[n] {
			t.Fatalf("number %d, %s, repeats", i, n)
		}
		seen[n] = true
		if want := 13; i < 1_000_000 && len(n) != want {
			t.Fatalf("number %d, %s, has %d digits", i, n, len(n))
		} else if i >= 1_000_000 && len(n) != 15 {
			t.Fatalf("number %d, %s: after a million they are longer", i, n)
		}
	}
}

func TestADayThatIsFullGetsLongerNumbers(t *testing.T) {
	s := New()
	for range crowded - 1 {
		s.Next("410900", noon)
		s.Taken("410900", noon)
	}
	s.Kept("410900", noon)
	s.Taken("410900", noon)
	if n := s.Next("410900", noon); len(n) != 13 {
		t.Errorf("%s: one good number shows that there are others", n)
	}
	for range crowded {
		s.Taken("410900", noon)
	}
	n := s.Next("410900", noon)
	if len(n) != 15 || !strings.HasPrefix(n, "261123") {
		t.Errorf("%s: a full day wants longer numbers", n)
	}
	if _, err := Parse(n); err != nil {
		t.Error(err)
	}
	if n := s.Next("410901", noon); len(n) != 13 {
		t.Errorf("%s: another city's day is not full", n)
	}
}

func BenchmarkNext(b *testing.B) {
	s := New()
	for b.Loop() {
		s.Next("410900", noon)
	}
}
