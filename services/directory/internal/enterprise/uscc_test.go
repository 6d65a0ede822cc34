package enterprise_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/directory/internal/enterprise"
)

// Published codes and, marked, made-up ones that reach the corners.
var validCodes = []string{
	"91350100M000100Y43", "91110108551385082Q", "914403001922038216", "9144030071526726XG", "91110000600037341L",
	"11320000MB151840XJ", "91440300708461136T", "91330100799655058B", "91110000802100433B",
	"91410902MA90000700", "91410902MA90003020", // made up: the check character is 0 because nothing is left over 31
	"91410902MA9000011W", "91410928MA900002XA",
	"N2410922MF000003XN", // made up: begins with a letter
}

func TestValidCodes(t *testing.T) {
	for _, code := range validCodes {
		if got, err := enterprise.ParseUSCC(code); err != nil || string(got) != code {
			t.Errorf("%s: got %q, %v", code, got, err)
		}
	}
}

func TestInvalidCodes(t *testing.T) {
	for name, code := range map[string]string{
		"the standard's example with the forgotten modulo": "91350100M000100Y4Z",
		"last character off by one":                        "91110000600037342L",
		"check digit off by one":                           "914403001922038217",
		"empty":                                            "",
		"blanks only":                                      "   - ",
		"short":                                            "91350100M000100Y4",
		"long":                                             "91350100M000100Y433",
		"letter that is not in the alphabet":               "9135O100M000100Y43",
		"check zero written as O":                          "91410902MA9000070O",
		"other script":                                     "９１３５０１００Ｍ０００１００Ｙ４é",
		"not UTF-8":                                        "91350100M000100Y4\xff",
		"control character":                                "91350100M000100Y43\n",
		"two swapped":                                      "19350100M000100Y43",
	} {
		if got, err := enterprise.ParseUSCC(code); !errors.Is(err, enterprise.ErrUSCC) || got != "" {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestCodesAsTheyAreTyped(t *testing.T) {
	const want = enterprise.USCC("91350100M000100Y43")
	for _, typed := range []string{
		"91350100m000100y43", " 91350100M000100Y43 ", "9135 0100 M000 100Y 43", "91350100-M000100Y4-3", "９１３５０１００Ｍ０００１００Ｙ４３",
		"91350100\tM000100Y43", "91350100　M000100Y43",
	} {
		if got, err := enterprise.ParseUSCC(typed); err != nil || got != want {
			t.Errorf("%q: got %q, %v", typed, got, err)
		}
	}
}

// TestOneSlipIsAlwaysFound: the weights are all different from zero modulo the prime 31, so one wrong character always shows.
func TestOneSlipIsAlwaysFound(t *testing.T) {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom(validCodes).Draw(t, "code")
		at := rapid.IntRange(0, len(code)-1).Draw(t, "at")
		other := alphabet[rapid.IntRange(0, len(alphabet)-1).Draw(t, "other")]
		if code[at] == other {
			return
		}
		wrong := code[:at] + string(other) + code[at+1:]
		if _, err := enterprise.ParseUSCC(wrong); err == nil {
			t.Fatalf("%s passes beside %s", wrong, code)
		}
	})
}

func FuzzParseUSCC(f *testing.F) {
	for _, code := range validCodes {
		f.Add(code)
		f.Add(strings.ToLower(code))
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, err := enterprise.ParseUSCC(text)
		if err != nil {
			return
		}
		if again, err := enterprise.ParseUSCC(string(code)); err != nil || again != code {
			t.Fatalf("%q became %q, which became %q, %v", text, code, again, err)
		}
	})
}
