// Package enterprise holds what an enterprise is, who speaks for it, and the unified social credit code. It is pure: it
// depends on kit's fault only.
package enterprise

import (
	"strings"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// ErrUSCC is anything that is not a unified social credit code.
var ErrUSCC = fault.New(fault.Invalid, "USCC_INVALID",
	"统一社会信用代码有误，请对照营业执照核对 18 位代码。",
	"This is not a valid unified social credit code. Compare all 18 characters with the business licence.")

// USCC is a unified social credit code (GB 32100-2015) in its one spelling: 18 characters, upper case, check character right.
type USCC string

const usccLength = 18

// usccAlphabet leaves out I, O, S, V and Z, which are easily misread. A character's place is its value.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// usccWeights are the powers of three modulo 31.
var usccWeights = [usccLength - 1]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// ParseUSCC reads a code as people type it: in either case, in full-width characters, with blanks or dashes between groups.
func ParseUSCC(text string) (USCC, error) {
	code, ok := foldCode(text)
	if !ok {
		return "", ErrUSCC
	}
	check, ok := usccCheck(code[:usccLength-1])
	if !ok || code[usccLength-1] != check {
		return "", ErrUSCC
	}
	return USCC(code), nil
}

// foldCode brings a typed code into its one spelling, without judging the characters.
func foldCode(text string) (string, bool) {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == ' ' || r == '\t' || r == '-' || r == '\u3000' || r == '\u00a0' || r == '\uff0d':
			continue
		case r >= '！' && r <= '～': // the full-width twins of ASCII
			r -= '！' - '!'
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		if r >= 0x80 || b.Len() == usccLength {
			return "", false
		}
		b.WriteByte(byte(r))
	}
	return b.String(), b.Len() == usccLength
}

// usccCheck computes the check character of the first 17. Where the sum leaves nothing over 31, the character is '0': the
// last modulo matters, and much published code lacks it.
func usccCheck(body string) (byte, bool) {
	sum := 0
	for i := range len(body) {
		value := strings.IndexByte(usccAlphabet, body[i])
		if value < 0 {
			return 0, false
		}
		sum += value * usccWeights[i]
	}
	return usccAlphabet[(31-sum%31)%31], true
}
