package filter_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/kit/filter"
)

// Conditions on rows of which a thing has any number are about one row when AND joins them, however it is nested, and about one each otherwise.
func TestRows(t *testing.T) {
	rows := func(name string) *filter.Rows {
		return &filter.Rows{Name: name, Exists: func(condition string) string { return "ANY " + name + "(" + condition + ")" }}
	}
	calls, notes := rows("calls"), rows("notes")
	schema := filter.New(
		filter.Field{Name: "open", Column: "t.open", Type: filter.Bool},
		filter.Field{Name: "call.by", Column: "c.by", Rows: calls, Ops: filter.Presence}, filter.Field{Name: "call.lost", Column: "c.lost", Type: filter.Bool, Rows: calls},
		filter.Field{Name: "note.length", Column: "n.length", Type: filter.Int, Rows: notes},
	)
	for asked, want := range map[string]filter.Clause{
		`call.by = "a"`:                               {SQL: "ANY calls(c.by = $1)", Args: []any{"a"}},
		`call.lost`:                                   {SQL: "ANY calls(c.lost = $1)", Args: []any{true}},
		`NOT call.by:*`:                               {SQL: "NOT (ANY calls(COALESCE(c.by, '') <> ''))"},
		`call.by = "a" AND call.lost`:                 {SQL: "(ANY calls(c.by = $1 AND c.lost = $2))", Args: []any{"a", true}},
		`call.by = "a" AND open AND call.lost`:        {SQL: "(ANY calls(c.by = $1 AND c.lost = $3) AND t.open = $2)", Args: []any{"a", true, true}},
		`(call.by = "a" AND open) AND call.lost`:      {SQL: "(ANY calls(c.by = $1 AND c.lost = $3) AND t.open = $2)", Args: []any{"a", true, true}},
		`call.by = "a" AND NOT call.lost`:             {SQL: "(ANY calls(c.by = $1) AND NOT (ANY calls(c.lost = $2)))", Args: []any{"a", true}},
		`NOT (call.by = "a" AND call.lost)`:           {SQL: "NOT ((ANY calls(c.by = $1 AND c.lost = $2)))", Args: []any{"a", true}},
		`call.by = "a" OR call.lost`:                  {SQL: "(ANY calls(c.by = $1) OR ANY calls(c.lost = $2))", Args: []any{"a", true}},
		`call.lost AND note.length > 3 AND call.by:*`: {SQL: "(ANY calls(c.lost = $1 AND COALESCE(c.by, '') <> '') AND ANY notes(n.length > $2))", Args: []any{true, int64(3)}},
	} {
		got, err := schema.Where(asked, 1)
		if err != nil {
			t.Errorf("%s: %v", asked, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", asked, diff)
		}
	}
}
