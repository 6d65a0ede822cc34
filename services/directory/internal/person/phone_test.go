package person_test

import (
	"errors"
	"testing"

	"github.com/throughtrain/throughtrain/services/directory/internal/person"
)

func TestPhonesAsTheyAreTyped(t *testing.T) {
	for typed, want := range map[string]person.Phone{
		"13839312345":        "13839312345",
		"+8613839312345":     "13839312345",
		"+86 138 3931 2345":  "13839312345",
		"0086-138-3931-2345": "13839312345",
		"8613839312345":      "13839312345",
		"(138) 3931.2345":    "13839312345",
		"１３８３９３１２３４５":        "13839312345",
		"＋８６　１３８３９３１２３４５": "13839312345",
		"14512345678":      "14512345678",
		"15012345678":      "15012345678",
		"16101234567":      "16101234567",
		"16612345678":      "16612345678",
		"17312345678":      "17312345678",
		"17405123456":      "17405123456",
		"19912345678":      "19912345678",
		"  19112345678  ":  "19112345678",
		"18600000000":      "18600000000",
		"86 1386 1386 138": "13861386138",
	} {
		got, err := person.ParsePhone(typed)
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v", typed, got, err)
		}
	}
}

func TestNumbersThatGetNoCode(t *testing.T) {
	for name, typed := range map[string]string{
		"empty": "", "the hotline itself": "12345", "emergency": "110", "fixed line": "03936661234", "fixed line with code": "+8603936661234",
		"too short": "1383931234", "too long": "138393123456", "range that is not given out": "12012345678", "14, but not 145 or 147": "14612345678",
		"154": "15412345678", "174 beyond 5": "17406123456", "179": "17912345678", "foreign": "+447911123456", "Hong Kong": "+85291234567",
		"letters": "1383931234a", "plus in the middle": "138+39312345", "other digits": "١٣٨٣٩٣١٢٣٤٥", "semicolon": "13839312345;13839312346",
		"one digit too many after the code": "+86 1386 1386 138 6", "two numbers": "13839312345 13839312346", "not UTF-8": "1383931234\xff", "line break": "13839312345\n",
	} {
		if got, err := person.ParsePhone(typed); !errors.Is(err, person.ErrPhone) || got != "" {
			t.Errorf("%s: %q passes as %q, %v", name, typed, got, err)
		}
	}
}

func TestWhatOthersSee(t *testing.T) {
	if got := person.Phone("13839312345").Masked(); got != "138****2345" {
		t.Error(got)
	}
	if got := person.Phone("").Masked(); got != "" {
		t.Error(got)
	}
	for name, want := range map[string]string{"张三丰": "张**", "Li": "L**", "": "", "\U00020bb7野": "\U00020bb7**"} {
		if got := person.MaskName(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}

func FuzzParsePhone(f *testing.F) {
	for _, seed := range []string{"13839312345", "+86 138-3931-2345", "12345", "＋８６１３８３９３１２３４５", "\xff", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		phone, err := person.ParsePhone(typed)
		if err != nil {
			return
		}
		if again, err := person.ParsePhone("+86" + string(phone)); err != nil || again != phone {
			t.Fatalf("%q became %q, which became %q, %v", typed, phone, again, err)
		}
		if masked := phone.Masked(); len(masked) != 11 || masked[3:7] != "****" {
			t.Fatalf("%q is shown as %q", phone, masked)
		}
	})
}
