package text_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/text"
)

func TestBlank(t *testing.T) {
	for _, s := range []string{"", " ", "\u3000\u00a0", "\u200b\u200d\ufeff", "\r\n\t", "\u2800\u3164", "\u00ad\u2060", "\x01\x1f"} {
		if !text.Blank(s) || !fault.Has(text.Required("body", s), "TEXT_EMPTY") {
			t.Errorf("%q is not blank", s)
		}
	}
	for _, s := range []string{"。", "？", "a", " 断电 ", "😀", "<b></b>"} {
		if text.Blank(s) || text.Required("body", s) != nil {
			t.Errorf("%q is blank", s)
		}
	}
}

func TestWhatCannotBeStored(t *testing.T) {
	for _, s := range []string{"a\x00b", "a\xffb", "a\xed\xa0\x80"} {
		if err := text.Optional("note", s); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", s, err)
		}
	}
	if err := text.Optional("note", "line\n\ttab \u202e right-to-left \x1b"); err != nil {
		t.Errorf("kept word for word: %v", err)
	}
}

func TestTitle(t *testing.T) {
	long := strings.Repeat("路", 31)
	for _, tt := range []struct{ title, body, want string }{
		{"停电", "厂区停电", "停电"},
		{" 停电 ", "厂区停电", " 停电 "},
		{"\u200b", "\n \n 厂区停电\n三天了", "厂区停电"},
		{"", long, strings.Repeat("路", 30) + "…"},
		{"", long[:90], long[:90]},
		{"", " ", ""},
	} {
		if got := text.Title(tt.title, tt.body); got != tt.want {
			t.Errorf("Title(%q, %q) = %q, want %q", tt.title, tt.body, got, tt.want)
		}
	}
}

func TestLikeness(t *testing.T) {
	same := []string{"您好，来信已收悉。", "您好来信已收悉", " 您好, 来信已收悉! \n", "您好，来信\u200b已收悉"}
	for _, s := range same[1:] {
		if !bytes.Equal(text.Likeness(same[0]), text.Likeness(s)) {
			t.Errorf("%q is another text", s)
		}
	}
	if bytes.Equal(text.Likeness("。"), text.Likeness("！")) || bytes.Equal(text.Likeness("已修好"), text.Likeness("未修好")) {
		t.Error("different texts are alike")
	}
}

func TestPhone(t *testing.T) {
	for in, want := range map[string]string{
		"":                     "",
		"13800138000":          "13800138000",
		"+86 138-0013-8000":    "13800138000",
		"008613800138000":      "13800138000",
		"86 13800138000":       "13800138000",
		"１３８００１３８０００":          "13800138000",
		"0393-4412345":         "03934412345",
		"(0393) 4412345 转 802": "03934412345x802",
		"+86 393 4412345":      "03934412345",
		"400-123-4567":         "4001234567",
		"+852 2345 6789":       "+85223456789",
		"+49 30 901820":        "+4930901820",
	} {
		if got, err := text.Phone("contact.phone", in); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"12345", "110", "1380013800", "138001380000", "23800138000", "138 0013 800O", "<script>", "+", "x", "+0123456789"} {
		if got, err := text.Phone("contact.phone", in); !fault.Has(err, "PHONE_INVALID") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestMasks(t *testing.T) {
	for in, want := range map[string]string{"13800138000": "138****8000", "03934412345": "039****2345", "+4930901820": "+49****1820", "12345": "*****", "": ""} {
		if got := text.MaskPhone(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	if text.MaskName("张三丰") != "张**" || text.MaskName("") != "" {
		t.Error("names")
	}
}

func FuzzPhone(f *testing.F) {
	for _, s := range []string{"13800138000", "+86 0393 4412345", "００８６", "转转"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, err := text.Phone("", s)
		if err != nil {
			return
		}
		if twice, err := text.Phone("", once); err != nil || twice != once {
			t.Errorf("%q becomes %q, then %q, %v", s, once, twice, err)
		}
	})
}

func FuzzTitle(f *testing.F) {
	f.Add("", "厂区停电\n三天")
	f.Fuzz(func(t *testing.T, title, body string) {
		got := text.Title(title, body)
		if text.Blank(got) != (text.Blank(title) && text.Blank(body)) {
			t.Errorf("title %q of %q, %q", got, title, body)
		}
		if utf8.ValidString(title) && utf8.ValidString(body) && !utf8.ValidString(got) {
			t.Errorf("title %q is broken", got)
		}
	})
}
