package similar

import (
	"slices"
	"testing"
)

func TestTokensAreThoseOfAnyWayToWriteIt(t *testing.T) {
	want := Tokens(Text{Title: "厂区供气压力不足ABC"})
	if len(want) != 10 || !slices.IsSorted(want) {
		t.Fatal(want)
	}
	for _, same := range []Text{{Title: "厂区供气 压力不足ＡＢＣ"}, {Body: "厂区供气压力不足abc。"}, {Title: "厂区\n供气压力不足Àbc"}} {
		if got := Tokens(same); !slices.Equal(got, want) {
			t.Errorf("%q: %v", same, got)
		}
	}
	for _, none := range []string{"", "气", "，。！", "3", "\xff\x00"} {
		if got := Tokens(Text{Title: none}); len(got) > 0 {
			t.Errorf("%q: %v", none, got)
		}
	}
	if got := Tokens(Text{Title: "供气", Body: "压力"}); slices.Contains(got, "6c14g538b") {
		t.Errorf("title and body run together: %v", got)
	}
}
