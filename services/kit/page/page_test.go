package page_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/kit/page"
)

var query = page.Query{Parent: "cities/410900", Filter: `state = "FILED"`, Order: "due_time desc"}

func TestSize(t *testing.T) {
	for _, tt := range []struct {
		asked int32
		want  int
		bad   bool
	}{{0, 50, false}, {1, 1, false}, {200, 200, false}, {201, 200, false}, {1 << 30, 200, false}, {-1, 0, true}} {
		got, err := page.Size(tt.asked, 50, 200)
		if got != tt.want || errors.Is(err, page.ErrSize) != tt.bad {
			t.Errorf("%d: %d, %v", tt.asked, got, err)
		}
	}
}

func anyKey(t *rapid.T) page.Key {
	return rapid.OneOf(
		rapid.Map(rapid.String(), func(s string) page.Key { return s }),
		rapid.Map(rapid.Int64(), func(i int64) page.Key { return i }),
		rapid.Map(rapid.Bool(), func(b bool) page.Key { return b }),
		rapid.Map(rapid.Int64Range(-1<<50, 1<<50), func(i int64) page.Key { return time.UnixMicro(i).UTC() }),
	).Draw(t, "key")
}

func TestATokenComesBackForItsOwnQueryOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := make([]page.Key, rapid.IntRange(1, 5).Draw(t, "n"))
		for i := range keys {
			keys[i] = anyKey(t)
		}
		draw := func(of string) string { return rapid.String().Draw(t, of) }
		q := page.Query{Parent: draw("parent"), Filter: draw("filter"), Order: draw("order"), View: draw("view")}
		token := page.Token(q, keys...)
		got, err := page.Keys(token, q, keys...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(keys, got); diff != "" {
			t.Fatal(diff)
		}
		other := page.Query{Parent: draw("parent"), Filter: draw("filter"), Order: draw("order"), View: draw("view")}
		if _, err := page.Keys(token, other, keys...); other != q && !errors.Is(err, page.ErrToken) {
			t.Fatalf("taken for another query: %v", err)
		}
		cut := rapid.IntRange(1, len(token)).Draw(t, "cut")
		if _, err := page.Keys(token[:len(token)-cut], q, keys...); cut < len(token) && !errors.Is(err, page.ErrToken) {
			t.Fatalf("taken though cut by %d: %v", cut, err)
		}
	})
}

func TestPartsOfAQueryDoNotRunIntoEachOther(t *testing.T) {
	token := page.Token(page.Query{Parent: "ab", Filter: "c"}, "k")
	if _, err := page.Keys(token, page.Query{Parent: "a", Filter: "bc"}, "k"); !errors.Is(err, page.ErrToken) {
		t.Errorf("got %v", err)
	}
}

func TestForeignTokens(t *testing.T) {
	good := page.Token(query, "id", int64(7))
	if keys, err := page.Keys("", query, "id"); keys != nil || err != nil {
		t.Errorf("the first page: %v, %v", keys, err)
	}
	for name, tt := range map[string]struct {
		token string
		like  []page.Key
	}{
		"not base64":     {"%%%", []page.Key{"", int64(0)}},
		"padded":         {good + "=", []page.Key{"", int64(0)}},
		"just a number":  {"20", []page.Key{"", int64(0)}},
		"other version":  {base64.RawURLEncoding.EncodeToString([]byte("\x02345678901234567890")), []page.Key{"", int64(0)}},
		"endless":        {strings.Repeat("A", 5000), []page.Key{"", int64(0)}},
		"other kinds":    {good, []page.Key{int64(0), ""}},
		"fewer columns":  {good, []page.Key{""}},
		"more columns":   {good, []page.Key{"", int64(0), true}},
		"time for int":   {good, []page.Key{"", time.Time{}}},
		"bool for a key": {good, []page.Key{true, int64(0)}},
	} {
		if _, err := page.Keys(tt.token, query, tt.like...); !errors.Is(err, page.ErrToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMistakesOfTheProgram(t *testing.T) {
	for name, keys := range map[string][]page.Key{"none": {}, "a float": {1.5}, "too long": {strings.Repeat("x", 4000)}, "too many": make([]page.Key, 20)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: a token was made", name)
				}
			}()
			page.Token(query, keys...)
		}()
	}
}

func FuzzKeys(f *testing.F) {
	f.Add(page.Token(query, "id", int64(7)))
	f.Add(page.Token(query, "id", time.Now()))
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		for _, like := range [][]page.Key{{"", int64(0)}, {"", time.Time{}}, {true}} {
			keys, err := page.Keys(token, query, like...)
			if err == nil && token != "" && page.Token(query, keys...) != token {
				t.Errorf("%q has two spellings", token)
			}
		}
	})
}
