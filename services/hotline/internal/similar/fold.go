package similar

import (
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// boundary stands between what is not read together.
const boundary = rune(0)

// unit is one character as it is compared, and where it stands in title and body joined.
type unit struct {
	r        rune
	from, to int
}

// folded is a text as it is compared.
type folded struct{ units []unit }

// fold takes title and body. Width, case, accents and the values of numbers disappear, punctuation parts, and blanks part letters but not ideographs: a
// line that was broken for the eye is one.
func fold(t Text) folded {
	f := folded{units: make([]unit, 0, min(len(t.Title)+len(t.Body), 2*MaxRunes)/2)}
	f.add(t.Title, 0)
	f.part()
	f.add(t.Body, len(t.Title))
	return f
}

func (f *folded) add(s string, offset int) {
	runes, blank := 0, false
	for at, r := range s {
		if runes++; runes > MaxRunes {
			return
		}
		to := offset + at + utf8.RuneLen(r)
		switch {
		case isIdeograph(r): // nearly all there is
			if blank && !f.endsInHan() {
				f.part()
			}
			blank = false
			f.units = append(f.units, unit{r, offset + at, to})
		case r == utf8.RuneError:
			f.part()
			blank = false
		case unicode.IsSpace(r):
			blank = true
		case !unicode.IsLetter(r) && !unicode.IsNumber(r):
			if !unicode.In(r, unicode.M, unicode.Cf) {
				f.part()
				blank = false
			}
		default:
			if blank {
				f.part()
			}
			blank = false
			f.letter(r, offset+at, to)
		}
	}
}

// letter adds a letter or number in its plainest form.
func (f *folded) letter(r rune, from, to int) {
	if r < utf8.RuneSelf {
		f.plain(r, from, to)
		return
	}
	var in [utf8.UTFMax]byte
	for _, p := range string(norm.NFKD.Bytes(in[:utf8.EncodeRune(in[:], r)])) {
		if unicode.IsLetter(p) || unicode.IsNumber(p) {
			f.plain(p, from, to)
		}
	}
}

func (f *folded) plain(r rune, from, to int) {
	if unicode.IsNumber(r) {
		if n := len(f.units); n > 0 && f.units[n-1].r == '0' && f.units[n-1].to == from {
			f.units[n-1].to = to
			return
		}
		r = '0'
	}
	f.units = append(f.units, unit{unicode.ToLower(r), from, to})
}

func (f *folded) part() {
	if n := len(f.units); n > 0 && f.units[n-1].r != boundary {
		f.units = append(f.units, unit{r: boundary})
	}
}

func (f *folded) endsInHan() bool {
	n := len(f.units)
	return n > 0 && isIdeograph(f.units[n-1].r)
}

// isIdeograph tells the characters that are written without blanks between them and have one form only.
func isIdeograph(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }

// words are the stretches of a text that the query has too, as they are written there, the weightiest first. The query's grams are those
// last marked.
func (t *table) words(w weights, f folded, text Text) []string {
	type stretch struct {
		from, to int
		weight   float64
	}
	var found []stretch
	open := false
	for i := 1; i < len(f.units); i++ {
		a, b := f.units[i-1], f.units[i]
		if a.r == boundary || b.r == boundary || t.seen[pair(a.r, b.r)] != t.mark {
			open = false
			continue
		}
		weight := w[t.has[pair(a.r, b.r)]]
		if open {
			last := &found[len(found)-1]
			last.to, last.weight = b.to, last.weight+weight
			continue
		}
		open = true
		found = append(found, stretch{a.from, b.to, weight})
	}
	slices.SortStableFunc(found, func(a, b stretch) int { return cmp.Compare(b.weight, a.weight) })
	all := text.Title + text.Body
	var out []string
	for _, s := range found {
		if s.weight < found[0].weight/wordShare || len(out) == maxWords {
			break
		}
		if word := all[s.from:s.to]; !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// wordShare is how much lighter than the weightiest stretch one may be and still be worth pointing at.
const wordShare = 8
