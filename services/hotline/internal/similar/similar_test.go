package similar

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// office is what one enterprise has open.
var office = []Text{
	{"施工许可迟迟未批", "材料交了两个月，施工许可还没有批下来，工期已经耽误，每天损失三万元。"},
	{"厂区门口道路积水", "厂区门口的道路一下雨就积水，货车进不来，已经持续半年。"},
	{"用电增容申请没有答复", "我们三月提交了用电增容申请，供电公司一直没有答复，新生产线无法投产。"},
	{"招工困难", "周边招不到熟练工人，希望组织专场招聘会。"},
}

func TestTheSameInOtherWordsIsFound(t *testing.T) {
	for name, q := range map[string]Text{
		"word for word":      office[0],
		"width and case":     {"", "材料交了２个月,施工许可还没有批下来!工期已经耽误"},
		"blanks and breaks":  {"", "材料 交了 两个月\n施工 许可 还没有\r\n批下来\u200b，工期已经耽误"},
		"another order":      {"", "每天损失五万元。工期已经耽误，施工许可还没有批下来，材料交了两个月。"},
		"a shortened one":    {"施工许可还没批下来", ""},
		"as far as is typed": {"", "材料交了两个月，施工许可还"},
	} {
		found := Find(q, office, 5)
		if len(found) != 1 || found[0].At != 0 {
			t.Errorf("%s: %v", name, found)
			continue
		}
		all := office[0].Title + office[0].Body
		for _, w := range found[0].Words {
			if !strings.Contains(all, w) || utf8.RuneCountInString(w) < 2 {
				t.Errorf("%s: %q does not stand in the text", name, w)
			}
		}
		if len(found[0].Words) == 0 {
			t.Errorf("%s: nothing to point at", name)
		}
	}
}

func TestAnotherMatterIsNotOffered(t *testing.T) {
	for _, q := range []Text{
		{}, {"", "，。！？ \n"}, {"断电", ""},
		{"", "排污许可证需要变更法定代表人，请问去哪里办理？"},
		{"Power cut", "no electricity since Monday morning"}, {"", "\xff\xfe\x00"},
	} {
		if found := Find(q, office, 5); len(found) > 0 {
			t.Errorf("%q: %v", q, found)
		}
	}
	if found := Find(office[0], nil, 5); found != nil {
		t.Errorf("nothing is like nothing: %v", found)
	}
	if found := Find(office[0], office, 0); found != nil {
		t.Errorf("nothing was asked for: %v", found)
	}
}

func TestTheMostAlikeComesFirstAndTheLimitHolds(t *testing.T) {
	var among []Text
	for range 30 {
		among = append(among, Text{"", "材料交了两个月，施工许可还没有批下来，不知道卡在哪个部门"},
			Text{"", strings.Repeat("绿化带树木遮挡监控", 3)})
	}
	among = append(among, office[0])
	found := Find(office[0], among, 3)
	if len(found) != 3 || found[0].At != len(among)-1 || found[0].Score < 0.99 || found[1].Score < found[2].Score {
		t.Errorf("%+v", found)
	}
}

// crowd is the most there is to compare, all of it long.
func crowd() ([]Text, Text) {
	r := rand.New(rand.NewPCG(3, 4))
	long := func() string {
		var b strings.Builder
		for range MaxRunes {
			b.WriteRune('一' + rune(r.IntN(3000)))
		}
		return b.String()
	}
	var among []Text
	for range MaxTexts {
		among = append(among, Text{"标题", long()})
	}
	return among, Text{"标题", among[7].Body}
}

func TestTheMostThereIsTakesNotLong(t *testing.T) {
	among, q := crowd()
	best := time.Hour
	for range 5 {
		start := time.Now()
		if found := Find(q, among, 5); len(found) != 1 || found[0].At != 7 {
			t.Fatalf("%v", found)
		}
		best = min(best, time.Since(start))
	}
	t.Logf("%d texts of %d characters: %s", MaxTexts, MaxRunes, best)
	if best > 2*time.Second { // a race detector and a busy machine; the benchmark has the figure
		t.Errorf("takes %s", best)
	}
}

func BenchmarkFind(b *testing.B) {
	among, q := crowd()
	short := make([]Text, len(among))
	for i := range short {
		short[i] = Text{fmt.Sprint("标题", i), string([]rune(among[i].Body)[:250])}
	}
	for name, texts := range map[string][]Text{"long": among, "usual": short} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Find(q, texts, 5)
			}
		})
	}
}

func FuzzFind(f *testing.F) {
	f.Add("材料交了两个月", "施工许可 2026 ＡＢＣ é", "施工许可，还没有批下来")
	f.Add("\xff", "\x00", "ﷺ①Ⅳ㍿")
	f.Fuzz(func(t *testing.T, title, body, asked string) {
		among := []Text{{title, body}, {body, title}, {asked, title}}
		for _, m := range Find(Text{title, asked}, among, 5) {
			if m.At < 0 || m.At >= len(among) || !(m.Score >= Threshold && m.Score <= 1) || len(m.Words) > maxWords {
				t.Fatalf("%+v", m)
			}
			for _, w := range m.Words {
				if w == "" || !strings.Contains(among[m.At].Title+among[m.At].Body, w) {
					t.Fatalf("%q is none of its words", w)
				}
			}
		}
		if own := Find(Text{title, body}, []Text{{title, body}}, 1); len(own) == 1 && own[0].Score < 0.999 {
			t.Fatalf("a text is not like itself: %v", own)
		}
	})
}
