package replay

import (
	"strings"
	"testing"
	"time"
)

func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04:05", text, Zone)
	if err != nil {
		panic(err)
	}
	return t
}

func TestMoved(t *testing.T) {
	from := at("2024-01-01 00:00:00")
	for _, v := range []struct{ name, filed, replied, want, reply string }{
		{"five times 364 days", "2019-04-25 09:32:09", "2019-05-10 14:56:53", "2024-04-18 09:32:09", "2024-05-03 14:56:53"},
		{"to the very first instant", "2023-01-02 00:00:00", "2023-01-02 00:00:01", "2024-01-01 00:00:00", "2024-01-01 00:00:01"},
		{"a second before it", "2023-01-01 23:59:59", "2023-01-02 00:00:01", "2024-12-29 23:59:59", "2024-12-30 00:00:01"},
		{"not at all", "2024-01-01 00:00:00", "2024-01-02 00:00:00", "2024-01-01 00:00:00", "2024-01-02 00:00:00"},
		{"later already", "2030-01-01 00:00:00", "2030-01-02 00:00:00", "2030-01-01 00:00:00", "2030-01-02 00:00:00"},
		{"a reply years later", "2011-04-02 18:00:54", "2014-06-06 04:29:08", "2024-03-16 18:00:54", "2027-05-21 04:29:08"},
		{"a reply that came before", "2024-02-01 10:00:00", "2024-01-31 10:00:00", "2024-02-01 10:00:00", "2024-02-01 10:00:00"},
	} {
		m := message{filed: at(v.filed), replied: at(v.replied)}.moved(from)
		if !m.filed.Equal(at(v.want)) || !m.replied.Equal(at(v.reply)) {
			t.Errorf("%s: filed %s, replied %s", v.name, local(m.filed), local(m.replied))
		}
	}
	if m := (message{filed: at("2019-04-25 09:32:09")}).moved(from); !m.replied.IsZero() {
		t.Error("a message without a reply got one")
	}
}

func TestRead(t *testing.T) {
	file := strings.Join([]string{
		"\ufeff" + `{"id":"b","user":"u","title":"t","body":"x","filed_at":"2024-03-01T10:00:00+08:00","reply":"r","replied_at":"2024-03-02T10:00:00+08:00"}`,
		``,
		`{"id":"a","user":"u","title":"","body":"y","filed_at":"2024-03-01T02:00:00Z","likes":3,"replied_at":null}`,
		`{"id":"c","user":"v","body":"z","filed_at":"2024-02-01T10:00:00+08:00","reply":"","replied_at":""}`,
		`no JSON`,
		`{"id":"d","user":"v","body":"z","filed_at":"yesterday"}`,
		`{"id":"e","user":"v","body":"z"}`,
		`{"id":"f","body":"z","filed_at":"2024-02-01T10:00:00+08:00"}`,
		`{"id":"g","user":"v","body":" ","filed_at":"2024-02-01T10:00:00+08:00"}`,
		`{"id":"a","user":"v","body":"z","filed_at":"2024-02-01T10:00:00+08:00"}`,
		`{"id":"h","user":"v","body":"z","filed_at":"2024-02-01T10:00:00+08:00","reply":"r"}`,
		`{"id":"i","user":"v","body":"z","filed_at":"2024-02-01T10:00:00+08:00","replied_at":"2024-02-02T10:00:00+08:00"}`,
		`{"id":"j","user":"v","body":"z","filed_at":"2024-02-01T10:00:00+08:00","reply":"r","replied_at":"2024-02-30T10:00:00+08:00"}`,
		`{"id":7,"user":"v","body":"z","filed_at":"2024-02-01T10:00:00+08:00"}`,
		`{"id":"k","user":"v","body":"` + "\xff" + `","filed_at":"2024-02-01T10:00:00+08:00"}`,
		`{"user":"v","body":"z","filed_at":"2024-02-01T10:00:00+08:00"}`,
	}, "\n")
	messages, refused, err := read(strings.NewReader(file), at("2024-01-01 00:00:00"))
	if err != nil {
		t.Fatal(err)
	}
	order := ""
	for _, m := range messages {
		order += m.id
	}
	if order != "cba" { // b and a at one instant stay in the order of the file
		t.Errorf("the order is %s", order)
	}
	if c := messages[0]; c.line != 4 || !c.replied.IsZero() {
		t.Errorf("read %+v", c)
	}
	want := []struct {
		line   int
		reason string
	}{
		{5, "NOT_JSON"}, {6, "TIME_INVALID"}, {7, "FIELD_MISSING"}, {8, "FIELD_MISSING"}, {9, "FIELD_MISSING"}, {10, "ID_TAKEN"}, {11, "FIELD_MISSING"},
		{12, "FIELD_MISSING"}, {13, "TIME_INVALID"}, {14, "FIELD_INVALID"}, {15, "NOT_UTF8"}, {16, "FIELD_MISSING"},
	}
	if len(refused) != len(want) {
		t.Fatalf("refused %+v", refused)
	}
	for i, w := range want {
		if r := refused[i]; r.Line != w.line || r.Reason != w.reason || r.Text == "" || r.What != "line" {
			t.Errorf("refused %+v, want %+v", r, w)
		}
	}
}

func TestUSCC(t *testing.T) {
	for n, want := range map[int]string{900001: "91410902MA9000011W", 900007: "91410902MA90000700", 900030: "91410902MA90003020"} {
		if got := uscc(county, n); got != want {
			t.Errorf("code %d is %s, want %s", n, got, want)
		}
	}
}
