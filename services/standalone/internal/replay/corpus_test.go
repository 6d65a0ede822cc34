package replay

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// corpusSize is how many messages the corpus has that are filed; those that are refused come on top.
const corpusSize = 60

// A case is a message at the time it is to be moved to, and what must become of it.
type corpusCase struct {
	name           string
	filed, replied string
	due            string
	outcome        string
	rungs          int
	title, body    string
}

// cases are the ones worked out by hand, from the notices of 2024 and 2025.
var cases = []corpusCase{
	{name: "met at due", filed: "2024-03-04 09:00:00", replied: "2024-03-11 18:00:00", due: "2024-03-11", outcome: "met"},
	{name: "a second late", filed: "2024-03-04 09:00:00", replied: "2024-03-11 18:00:01", due: "2024-03-11", outcome: "breached", rungs: 1},
	{name: "at the second rung", filed: "2024-03-04 09:00:01", replied: "2024-03-12 18:00:00", due: "2024-03-11", outcome: "breached", rungs: 2},
	{name: "a second before the third", filed: "2024-03-04 09:00:01", replied: "2024-03-14 17:59:59", due: "2024-03-11", outcome: "breached", rungs: 2},
	{name: "at the third rung", filed: "2024-03-04 09:00:01", replied: "2024-03-14 18:00:00", due: "2024-03-11", outcome: "breached", rungs: 3},
	{name: "at the last rung", filed: "2024-03-04 09:00:01", replied: "2024-03-18 18:00:00", due: "2024-03-11", outcome: "breached", rungs: 4},
	{name: "over National Day into a Saturday on duty", filed: "2024-09-30 10:00:00", replied: "2024-10-12 17:00:00", due: "2024-10-12", outcome: "met"},
	{name: "breached on a Saturday on duty", filed: "2024-09-30 10:00:00", replied: "2024-10-13 17:00:00", due: "2024-10-12", outcome: "breached", rungs: 1},
	{name: "filed on a day off", filed: "2024-10-03 03:04:05", replied: "2024-10-03 03:04:05", due: "2024-10-12", outcome: "met"},
	{name: "filed on a Sunday on duty", filed: "2024-02-18 23:59:59", replied: "2024-02-23 18:00:00", due: "2024-02-23", outcome: "met"},
	{name: "over Spring Festival", filed: "2024-02-08 12:00:00", replied: "2024-03-01 00:00:00", due: "2024-02-21", outcome: "breached", rungs: 4},
	{name: "at midnight of the first day", filed: "2024-01-01 00:00:00", replied: "2024-01-08 18:00:00", due: "2024-01-08", outcome: "met"},
	{name: "into the next year", filed: "2024-12-27 18:00:00", replied: "2025-01-07 09:00:00", due: "2025-01-06", outcome: "breached", rungs: 1},
	{name: "the reply came before", filed: "2024-05-10 10:00:00", replied: "2024-05-09 10:00:00", due: "2024-05-16", outcome: "met"},
	{name: "years later", filed: "2024-06-07 10:00:00", replied: "2027-08-06 09:27:48", due: "2024-06-17", outcome: "breached", rungs: 4},
	{name: "never", filed: "2024-06-28 10:00:00", due: "2024-07-05", outcome: "breached", rungs: 4},
	{name: "emoji", filed: "2024-07-01 10:00:00", replied: "2024-07-02 10:00:00", due: "2024-07-08", outcome: "met", body: "停电三天了😡👨‍👩‍👧‍👦🇨🇳"},
	{name: "HTML", filed: "2024-07-01 10:00:00", replied: "2024-07-02 10:00:00", due: "2024-07-08", outcome: "met",
		body: `<script>alert("1")</script><b>&amp;</b>`, title: "<h1>'\"\\</h1>"},
	{name: "one character", filed: "2024-07-01 10:00:00", replied: "2024-07-02 10:00:00", due: "2024-07-08", outcome: "met", body: "急", title: "急"},
	{name: "5,000 characters", filed: "2024-07-01 10:00:00", replied: "2024-07-02 10:00:00", due: "2024-07-08", outcome: "met", body: strings.Repeat("困难", 2500)},
	{name: "without a title", filed: "2024-07-01 10:00:00", replied: "2024-07-02 10:00:00", due: "2024-07-08", outcome: "met", title: "-"},
	{name: "control characters", filed: "2024-07-01 10:00:00", replied: "2024-07-02 10:00:00", due: "2024-07-08", outcome: "met", body: "a\tb\r\nc\u200bd"},
}

// messageLine is a message as a line of a file. The original is ten strides back.
func messageLine(t *testing.T, id, user string, c corpusCase) string {
	t.Helper()
	m := map[string]any{"id": id, "user": user, "title": "标题 " + id, "body": "正文 " + c.name, "filed_at": local(at(c.filed).Add(-10 * stride))}
	if c.body != "" {
		m["body"] = c.body
	}
	if c.title != "" {
		m["title"] = strings.TrimPrefix(c.title, "-")
	}
	if c.replied != "" {
		m["reply"], m["replied_at"] = "答复："+c.name, local(at(c.replied).Add(-10*stride))
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// corpus writes the cases and, up to its size, messages all over the year by users who write again and again. What is at the
// end cannot be filed.
func corpus(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	line := func(id, user string, c corpusCase) { out.WriteString(messageLine(t, id, user, c)) }
	for i, c := range cases {
		line(fmt.Sprintf("case-%d", i), fmt.Sprintf("user-%d", i%9), c)
	}
	start := at("2024-01-02 07:31:09")
	for i := range corpusSize - len(cases) {
		filed := start.AddDate(0, 0, 9*i)
		replied := filed.AddDate(0, 0, i*i%31).Add(37 * 60e9)
		line(fmt.Sprintf("year-%d", i), fmt.Sprintf("user-%d", i%13), corpusCase{name: "of the year",
			filed: filed.Format("2006-01-02 15:04:05"), replied: replied.Format("2006-01-02 15:04:05")})
	}
	line("long-title", "user-1", corpusCase{filed: "2024-04-01 10:00:00", title: strings.Repeat("长", 101)})
	line("nul", "user-99", corpusCase{filed: "2024-04-01 10:00:00", body: "a\x00b"})
	out.WriteString("{\n")
	return out.String()
}
