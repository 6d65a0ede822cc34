package storetest

import (
	"slices"
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/similar"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// search: every engine finds the same by words, by the end of a number and by the enterprise's name, within the scope, and nothing of a text that is gone.
func (f *fixture) search(t *testing.T) {
	const firm, other = "01920000-0000-7000-8000-0000000000e1", "01920000-0000-7000-8000-0000000000e2"
	texts := []similar.Text{
		{Title: "厂区供气压力不足", Body: "锅炉点不着，找过燃气公司 ABC-12 两次。"},
		{Title: "围挡占道", Body: "供电公司施工，压力很大。"},
		{Title: "Gas pressure too low", Body: "plant 7"},
	}
	names := map[string]string{}
	var rows []store.Stored
	for i, text := range texts {
		s := f.filed(t, func(in *ticket.Filing) { in.Enterprise = []string{firm, other, other}[i] })
		f.commit(t, &change.Change{Statements: []change.Statement{store.Index(s.Key, s.Ticket.Number, text)}})
		names[s.ID], rows = string(rune('a'+i)), append(rows, s)
	}
	f.commit(t, &change.Change{Statements: []change.Statement{store.IndexEnterprise(policytest.Code, firm, "濮阳宏远化工有限公司"),
		store.IndexEnterprise(policytest.Code, other, "Longfeng 龙丰纸业"), store.IndexEnterprise("410700", firm, "别的城市的名字"),
		store.IndexEnterprise(policytest.Code, firm, "不会改的名字")}})
	find := func(scope store.Scope, query string) string {
		t.Helper()
		order, err := store.Orders.Parse("create_time")
		if err != nil {
			t.Fatal(err)
		}
		q := store.Query{City: policytest.Code, Scope: scope, Words: store.Wanted(query), Order: order, Limit: 100}
		if len(q.Words) == 0 {
			return "too short"
		}
		listed, err := f.store.List(t.Context(), q)
		if err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		found := ""
		for _, l := range listed {
			found += names[l.ID]
		}
		sorted := []byte(found)
		slices.Sort(sorted)
		if n, _, err := f.store.Count(t.Context(), q); err != nil || n != len(listed) {
			t.Errorf("%q: counted %d, listed %d, %v", query, n, len(listed), err)
		}
		return string(sorted)
	}
	number := rows[1].Ticket.Number
	all := store.Scope{All: true}
	for query, want := range map[string]string{
		"供气": "a", "供气压力": "a", "供气 压力": "a", "压力": "ab", "公司": "ab", "燃气公司两次": "", "ａｂｃ": "a", "锅炉 供气": "a", "供气 施工": "", "压力　供气": "a", "供气 气": "a", "pressure": "c", "GAS LOW": "c", "锅炉": "a",
		"宏远": "a", "龙丰纸业": "bc", "longfeng": "bc", "宏远 供电": "", "别的城市": "", "不会改": "", "没有的字": "", "气": "too short", " ，": "too short", "12": "too short",
		number: "b", number[:6] + " " + number[6:]: "b", number[len(number)-6:]: "b", "9999999999999": "",
		"供气\" OR 压力": "", "NOT 供气": "", "* AND": "", "a' OR 1=1": "", "NEAR(供气 压力)": "",
	} {
		if got := find(all, query); got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	for _, c := range []struct {
		scope store.Scope
		want  string
	}{
		{store.Scope{Enterprises: []string{firm}}, "a"}, {store.Scope{Enterprises: []string{other}}, "b"}, {store.Scope{Person: "nobody"}, ""},
		{store.Scope{Person: filer}, "ab"}, {store.Scope{Units: []string{policytest.Desk}}, "ab"},
	} {
		if got := find(c.scope, "压力"); got != c.want {
			t.Errorf("%+v finds %q, want %q", c.scope, got, c.want)
		}
	}
	f.commit(t, &change.Change{Statements: []change.Statement{change.Guard(`DELETE FROM contents WHERE city = $1 AND month = $2 AND ticket = $3 AND id = 'filing'`,
		rows[0].City, rows[0].Month, rows[0].ID)}})
	if got := find(all, "压力"); got != "b" {
		t.Errorf("after an erasure %q is found", got)
	}
	again := store.NewContent(store.Content{ID: store.Filing, CreateTime: f.clock.Now(), Title: "title of " + rows[0].Ticket.Number, Body: "body", Phone: "13800138000"})
	f.commit(t, &change.Change{Statements: []change.Statement{store.AddContent(rows[0].Key, &again)}}) // for the tests that follow

	// What was filed before there was an index is found once it was made.
	s := f.filed(t, nil)
	names[s.ID] = "d"
	for range 2 {
		if err := f.store.IndexAll(t.Context(), policytest.Code); err != nil {
			t.Fatal(err)
		}
	}
	if got := find(all, "title of "+s.Ticket.Number[len(s.Ticket.Number)-2:]); got == "" {
		t.Error("an older ticket is not found")
	}
	if got := find(all, s.Ticket.Number); got != "d" {
		t.Errorf("an older ticket's number finds %q", got)
	}
}
