// Package text judges and shows what people write: what counts as empty, what cannot be stored, how a phone is written and
// how it is masked. Texts are kept word for word; nothing here repairs one.
//
// It depends on kit's fault only.
package text

import (
	"crypto/sha256"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

var (
	errEmpty = fault.New(fault.Invalid, "TEXT_EMPTY",
		"内容不能为空，请写下具体情况。",
		"The text is empty. Write what it is about.")
	errUnstorable = fault.New(fault.Invalid, "REQUEST_INVALID",
		"文字中含有无法保存的字符，请删除后重新提交。",
		"The text holds a character that cannot be kept. Remove it and send it again.")
)

// Required refuses a text that nobody could read anything in, and one that Optional refuses.
func Required(field, s string) error {
	if Blank(s) {
		return errEmpty.Field(field, "text.empty", "不能为空", "must not be empty")
	}
	return Optional(field, s)
}

// Optional refuses what cannot be stored and given back word for word: broken UTF-8, and the NUL that PostgreSQL does not take.
func Optional(field, s string) error {
	if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
		return errUnstorable.Field(field, "text.characters", "含有空字符或损坏的编码", "holds NUL or broken UTF-8")
	}
	return nil
}

// Blank tells whether a text shows nothing: only white space and characters without width. Punctuation is something.
func Blank(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) && !invisible(r) {
			return false
		}
	}
	return true
}

// invisible is what takes no place on a screen, or only looks like an empty one.
func invisible(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u2800', '\u3164', '\uffa0': // fillers and the empty Braille cell
		return true
	}
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Variation_Selector, r)
}

const titleLength = 30

// Title is the writer's own, or the beginning of the body: its first line that shows something, at most thirty characters.
func Title(title, body string) string {
	if !Blank(title) {
		return title
	}
	for line := range strings.Lines(body) {
		if Blank(line) {
			continue
		}
		line = strings.TrimSpace(line)
		n := 0
		for i := range line {
			if n == titleLength {
				return line[:i] + "…"
			}
			n++
		}
		return line
	}
	return ""
}

// Length counts characters that show something, for judging whether a text says anything.
func Length(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.IsSpace(r) && !invisible(r) {
			n++
		}
	}
	return n
}

// Likeness is equal for two texts that differ in blanks, punctuation, case or width only: what is sent again and again.
func Likeness(s string) []byte {
	var b strings.Builder
	for _, r := range s {
		if r >= '！' && r <= '～' {
			r -= '！' - '!' // full width
		}
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	if b.Len() == 0 {
		b.WriteString(s)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return sum[:]
}
