package similar

import (
	"slices"
	"strconv"
)

// Tokens are the pairs of characters that a text has, as an index keeps them: each a word of ASCII letters and digits, once, in order. Whoever has all tokens of a
// query has its words, or nearly: that they stand together is not asked.
func Tokens(t Text) []string {
	units := fold(t).units
	out := make([]string, 0, len(units))
	for i := 1; i < len(units); i++ {
		a, b := units[i-1].r, units[i].r
		if a != boundary && b != boundary {
			out = append(out, strconv.FormatInt(int64(a), 16)+"g"+strconv.FormatInt(int64(b), 16))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
