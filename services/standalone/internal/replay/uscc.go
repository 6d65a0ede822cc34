package replay

import (
	"fmt"
	"strings"
)

// The characters of a unified social credit code (GB 32100-2015); a character's place is its value.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// uscc makes the nth code of an enterprise registered in a county: 91, the county, an organisation code (GB 11714) with its check
// character, and the check character of the whole. They are valid and nobody's.
func uscc(county string, n int) string {
	organisation := fmt.Sprintf("MA%06d", n)
	code := "91" + county + organisation + organisationCheck(organisation)
	sum, weight := 0, 1
	for _, r := range code {
		sum += strings.IndexRune(usccAlphabet, r) * weight
		weight = weight * 3 % 31
	}
	return code + string(usccAlphabet[(31-sum%31)%31])
}

// organisationCheck is the ninth character of an organisation code: 10 is written X.
func organisationCheck(body string) string {
	sum := 0
	for i, weight := range [8]int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += strings.IndexByte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", body[i]) * weight
	}
	return string("0123456789X"[(11-sum%11)%11])
}

// phone makes the nth mobile number.
func phone(n int) string { return fmt.Sprintf("138%08d", n) }
