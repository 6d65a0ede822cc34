package text

import (
	"regexp"
	"strings"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

var errPhone = fault.New(fault.Invalid, "PHONE_INVALID",
	"电话号码无法拨打，请填写手机号、带区号的座机或带国家代码的号码。",
	"This phone cannot be called. Give a mobile, a landline with its area code, or a number with its country code.")

// What can be called from a city's desk: mobiles, landlines with their area code and perhaps an extension, service numbers, and
// anything abroad in full. Short codes such as 12345 are somebody's switchboard, not a person.
var (
	mobile   = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
	landline = regexp.MustCompile(`^0[1-9][0-9]{1,2}[2-9][0-9]{6,7}(x[0-9]{1,6})?$`)
	service  = regexp.MustCompile(`^[48]00[0-9]{7}$`)
	abroad   = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
)

// Phone brings a phone into the one form in which it is stored and compared, or refuses it. An empty one stays empty.
func Phone(field, s string) (string, error) {
	folded, ok := fold(s)
	if folded == "" && ok {
		return "", nil
	}
	if ok {
		for _, form := range []*regexp.Regexp{mobile, landline, service, abroad} {
			if form.MatchString(folded) {
				return folded, nil
			}
		}
	}
	return "", errPhone.Field(field, "phone.form", "不是可拨打的号码", "not a number that can be called")
}

// fold drops what people put between digits and the country code of home.
func fold(s string) (string, bool) {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		switch {
		case r >= '0' && r <= '9', r == 'x', r == '+' && b.Len() == 0:
			b.WriteRune(r)
		case r == '转', r == '#':
			b.WriteByte('x')
		case r == ' ', r == '-', r == '(', r == ')', r == '.', r == '\u3000', r == '\u00a0', r == '\t', invisible(r):
		default:
			return "", false
		}
	}
	folded := b.String()
	if rest, ok := strings.CutPrefix(folded, "00"); ok {
		folded = "+" + rest
	}
	for _, home := range []string{"+86", "86"} {
		rest, ok := strings.CutPrefix(folded, home)
		switch {
		case !ok:
		case mobile.MatchString(rest), service.MatchString(rest):
			return rest, true
		case landline.MatchString("0" + rest):
			return "0" + rest, true
		}
	}
	return folded, true
}

// MaskPhone hides the middle of a phone: 138****8000.
func MaskPhone(s string) string {
	const head, tail = 3, 4
	r := []rune(s)
	if len(r) < head+tail+2 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:head]) + strings.Repeat("*", len(r)-head-tail) + string(r[len(r)-tail:])
}

// MaskName leaves the first character of a name.
func MaskName(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return ""
	}
	return string(r[:1]) + "**"
}
