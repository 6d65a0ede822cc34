package number

import (
	"strings"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// Digits of a number: the day, the place within it, the check digit. A crowded day's numbers are two digits longer.
const (
	dayDigits   = 6
	placeDigits = 6
	crowdDigits = 8
	short       = dayDigits + placeDigits + 1
	long        = dayDigits + crowdDigits + 1
)

// checkDigit is the ISO 7064 MOD 11,10 check digit of a row of digits. It finds every single wrong digit and nearly every
// swap of two neighbours, which are the mistakes of the phone.
func checkDigit(digits string) byte {
	p := 10
	for i := range len(digits) {
		s := (p + int(digits[i]-'0')) % 10
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	return byte('0' + (11-p)%10)
}

var errInvalid = fault.New(fault.Invalid, "NUMBER_INVALID",
	"编号不正确，请核对每一位数字后重新输入。",
	"This is not one of our numbers. Check the digits and enter it again.")

// Parse reads a number as people write it, with blanks and dashes and in full-width digits, or says that it is not one.
func Parse(s string) (string, error) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９':
			b.WriteRune(r - '０' + '0')
		case r == ' ', r == '-', r == '\u3000', r == '\u00a0', r == '–', r == '—', r == '－', r == '\t':
		default:
			return "", errInvalid.Field("number", "number.digits", "只能包含数字、空格和短横线", "only digits, blanks and dashes")
		}
	}
	n := b.String()
	switch {
	case len(n) != short && len(n) != long:
		return "", errInvalid.Field("number", "number.length", "应为 13 位（个别为 15 位）数字", "13 digits, rarely 15")
	case checkDigit(n[:len(n)-1]) != n[len(n)-1]:
		return "", errInvalid.Field("number", "number.check", "校验位不符，可能有一位写错", "the check digit does not fit: one digit may be wrong")
	}
	return n, nil
}
