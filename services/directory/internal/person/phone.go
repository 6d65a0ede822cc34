// Package person holds what a person is known by: the phone that proves who calls, and what of phone and name may be shown to
// others. It is pure: it depends on kit's fault and on the names of the roles.
package person

import (
	"regexp"
	"strings"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// ErrPhone is a number that cannot get a code.
var ErrPhone = fault.New(fault.Invalid, "PHONE_INVALID",
	"请输入中国大陆手机号码（11 位）。", "Enter a mobile number of mainland China, 11 digits.")

// Phone is a mobile number of mainland China in its one spelling: 11 digits.
type Phone string

// mobile is the numbering plan as libphonenumber states it. Virtual and data-only ranges that cannot get a message are out.
var mobile = regexp.MustCompile(`^(?:1(?:610\d|740[0-5])\d{6}|1(?:[38]\d|4[57]|[59][0-35-9]|6[25-7]|7[0-35-8])\d{8})$`)

const phoneDigits = 11

// ParsePhone reads a number as people type it: with or without +86, 0086 or 86, blanks, dashes, dots or brackets, in
// full-width digits. Short codes, fixed lines and foreign numbers are refused.
func ParsePhone(text string) (Phone, error) {
	digits, ok := foldPhone(text)
	if !ok {
		return "", ErrPhone
	}
	for _, prefix := range []string{"+86", "0086", "86"} {
		if rest, found := strings.CutPrefix(digits, prefix); found && len(rest) == phoneDigits {
			digits = rest
			break
		}
	}
	if !mobile.MatchString(digits) {
		return "", ErrPhone
	}
	return Phone(digits), nil
}

// foldPhone keeps the digits and a leading plus, and refuses what does not belong into a number.
func foldPhone(text string) (string, bool) {
	const longest = len("+0086") + phoneDigits
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= '０' && r <= '９':
			r -= '０' - '0'
		case r == '＋':
			r = '+'
		}
		switch {
		case r >= '0' && r <= '9', r == '+' && b.Len() == 0:
			b.WriteByte(byte(r))
		case strings.ContainsRune(" \t-.()（）－\u3000\u00a0", r):
		default:
			return "", false
		}
		if b.Len() > longest {
			return "", false
		}
	}
	return b.String(), true
}

// Masked is what others see: enough for the owner to recognise, too little to call.
func (p Phone) Masked() string {
	if len(p) != phoneDigits {
		return ""
	}
	return string(p[:3]) + "****" + string(p[7:])
}

// MaskName keeps the first character of a name.
func MaskName(name string) string {
	for _, first := range name {
		return string(first) + "**"
	}
	return ""
}
