package language_test

import (
	"context"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

func TestOf(t *testing.T) {
	for header, want := range map[string]language.Language{
		"": language.Chinese, "zh-CN": language.Chinese, "en": language.English, "en-GB,en;q=0.9,zh;q=0.1": language.English, "fr, en;q=0.5": language.English,
		"de": language.Chinese, "zh, en": language.Chinese, ";;,": language.Chinese, "en;q=0.1, zh;q=0.9": language.Chinese,
		"zh;q=0.2,en;q=0.8": language.English, "en, zh;q=much": language.Chinese,
	} {
		ctx := metadata.NewIncomingContext(context.Background(), metadata.Pairs("accept-language", header))
		if got := language.Of(ctx); got != want {
			t.Errorf("%q: English %t", header, got)
		}
	}
	if language.Of(context.Background()) != language.Chinese {
		t.Error("without a choice it is Chinese")
	}
	if language.Preferred("zh;q=0.1", "en") != language.English {
		t.Error("a second header is a choice too")
	}
}

func TestPick(t *testing.T) {
	if got := language.English.Pick("停电", ""); got != "停电" {
		t.Errorf("without a translation %q", got)
	}
	both := fault.Text{Zh: "停电", En: "No power"}
	if language.English.Say(both) != both.En || language.Chinese.Say(both) != both.Zh {
		t.Error("the wrong one of two")
	}
}
