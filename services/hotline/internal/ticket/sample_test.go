package ticket

import (
	"testing"

	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
)

// TestWhoIsCalledBack: after every thin answer, and after those of the rest that drew a lot below the city's share.
func TestWhoIsCalledBack(t *testing.T) {
	city := pt.City(t)
	share := city.Rules().CallbackPercent
	for _, c := range []struct {
		in   AnswerInput
		want string
	}{
		{AnswerInput{Lot: share - 1}, CallbackSample},
		{AnswerInput{Lot: share}, ""},
		{AnswerInput{Lot: 99, Thin: true}, CallbackThin},
	} {
		c.in.Outcome, c.in.Message = Solved, "answer"
		p := newPlay(t, city, "2026-03-02 09:00").file().dispatch().sign()
		p.take(p.t.Answer(p.context(theHolder), c.in))
		got := ""
		if p.t.Callback != nil {
			got = p.t.Callback.Reason
		}
		if got != c.want {
			t.Errorf("lot %d, thin %t: called back for %q, want %q", c.in.Lot, c.in.Thin, got, c.want)
		}
	}
}
