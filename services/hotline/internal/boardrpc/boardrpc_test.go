package boardrpc

import (
	"testing"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/board"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// The formula as a working city uses it: satisfied counts whole, basically satisfied 0.9; 10, 50 and 40 percent.
func TestThreeRates(t *testing.T) {
	n := func(n int64) board.Count { return board.Count{N: n} }
	city := policy.Rates{ResponseWeight: 10, ResolutionWeight: 50, SatisfactionWeight: 40, BasicallyPercent: 90}
	got := ratesOf(board.RateCounts{Eligible: n(10), Valid: n(8), Contacted: n(7), Solved: n(6), Satisfied: n(4), Basically: n(2)}, city)
	for name, c := range map[string]struct{ got, want int32 }{
		"coverage":          {got.GetCoverage().GetBasisPoints(), 8000},
		"response":          {got.GetResponse().GetBasisPoints(), 8750},
		"resolution":        {got.GetResolution().GetBasisPoints(), 7500},
		"satisfaction":      {got.GetSatisfaction().GetBasisPoints(), 7250}, // (4 + 0.9×2) / 8
		"response, strict":  {got.GetResponseStrict().GetBasisPoints(), 7000},
		"resolution strict": {got.GetResolutionStrict().GetBasisPoints(), 6000},
		"satisfied, strict": {got.GetSatisfactionStrict().GetBasisPoints(), 5800},
		"score":             {got.GetScore().GetBasisPoints(), 7525}, // 0.1×87.5 + 0.5×75 + 0.4×72.5
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", name, c.got, c.want)
		}
	}
	if none := ratesOf(board.RateCounts{}, city); none.GetResponse().GetHasData() || none.GetCoverage().GetHasData() || none.GetScore().GetHasData() {
		t.Error("no verifications are shown as a rate")
	}
	if silent := ratesOf(board.RateCounts{Eligible: n(5)}, city); silent.GetResponse().GetHasData() || !silent.GetResponseStrict().GetHasData() || !silent.GetCoverage().GetHasData() {
		t.Error("tickets that closed in silence must show in the strict twins and the coverage, and nowhere else")
	}
}

func TestSharesAreRoundedHalfUp(t *testing.T) {
	for _, c := range []struct {
		part, whole int64
		want        int32
	}{{1, 3, 3333}, {2, 3, 6667}, {1, 20000, 1}, {1, 20001, 0}, {0, 7, 0}, {7, 7, 10000}} {
		if got := share(c.part, c.whole); got.GetBasisPoints() != c.want {
			t.Errorf("%d of %d: %d, want %d", c.part, c.whole, got.GetBasisPoints(), c.want)
		}
	}
}

func TestNamesAreInTheCallersLanguage(t *testing.T) {
	city := policytest.City(t)
	zh, en := names{city, language.Chinese}, names{city, language.English}
	if zh.category("0801") != "供水" || en.category("0801") != "Water" || zh.category("") != "未注明" || en.category("") != "Not stated" || en.unit("gone") != "gone" {
		t.Errorf("%s, %s, %s, %s, %s", zh.category("0801"), en.category("0801"), zh.category(""), en.category(""), en.unit("gone"))
	}
}

// Nothing is divided by nothing, and a city of millions overflows nothing.
func TestEdgesOfNumbers(t *testing.T) {
	city := policytest.City(t)
	n := func(n int64) board.Count { return board.Count{N: n, Filter: "open = true", List: board.Tickets} }
	for _, size := range []int64{0, 3, 3_000_000} {
		g := board.Group{
			Rates:     board.RateCounts{Eligible: n(size), Valid: n(size), Contacted: n(size), Solved: n(size), Satisfied: n(size)},
			Callbacks: &board.CallbackCounts{Sampled: n(2 * size), Reached: n(size), Overtaken: n(size)},
			Dialogues: board.DialogueCounts{Held: n(size), Minutes: 90 * size},
			Risk:      board.RiskCounts{AtRisk: n(size), Fen: size * 1_000_000_000_00},
		}
		got := group(g, city.Rates(), "")
		has := size > 0
		for name, rate := range map[string]*hotlinev1.Rate{"coverage of call-backs": got.GetCallbacks().GetCoverage(), "response": got.GetRates().GetResponse(),
			"score": got.GetRates().GetScore()} {
			if rate.GetHasData() != has || has && rate.GetBasisPoints() != 10000 {
				t.Errorf("of %d: %s %v", size, name, rate)
			}
		}
		if wait := got.GetDialogues().GetWait(); wait.GetHasData() != has || has && wait.GetMinutes() != 90 {
			t.Errorf("of %d: wait %v", size, wait)
		}
		if got.GetRisk().GetInvestmentFen() != size*1_000_000_000_00 || got.GetRisk().GetAtRisk().GetList() != hotlinev1.Count_TICKETS {
			t.Errorf("of %d: risk %v", size, got.GetRisk())
		}
	}
	none := group(board.Group{Callbacks: &board.CallbackCounts{Sampled: n(5), Overtaken: n(5)}}, city.Rates(), "")
	if none.GetCallbacks().GetCoverage().GetHasData() {
		t.Error("where every filer spoke first there is nothing to cover")
	}
}

func TestSectionsAreNamed(t *testing.T) {
	n := names{policytest.City(t), language.English}
	for section, want := range map[string]string{"total": "Puyang", "units": "Market", "returnReasons": "not the unit's duty", "attendants": "market"} {
		key := map[string]string{"units": "market", "returnReasons": "not-our-duty", "attendants": "market"}[section]
		if got := n.in(section, key); got == "" || section != "units" && got != want {
			t.Errorf("%s: %q", section, got)
		}
	}
}
