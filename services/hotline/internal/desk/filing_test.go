package desk_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/number"
)

func TestWhatAFilingFillsIn(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	both := desktest.Caller(desktest.Filer)
	both.Enterprises = []string{desktest.Enterprise, desktest.Enterprise2}
	nobody := authn.Caller{Kind: authn.Person, City: policytest.Code, Person: desktest.Filer}
	const project = "01930000-0000-7000-8000-000000000001"
	for _, tt := range []struct {
		name   string
		caller authn.Caller
		edit   func(*desk.Filing)
		reason string // of the refusal
		check  func(desk.View) bool
	}{
		{"as it stands", desktest.Caller(desktest.Filer), nil, "", func(v desk.View) bool {
			name, phone := v.Contact()
			return v.Ticket.Enterprise == desktest.Enterprise && v.Ticket.MembershipConfirmed && v.Ticket.County == policytest.CountyCode &&
				v.Ticket.AppealType == "help" && v.Ticket.Channel == "app" && name == "" && phone == desktest.Phone && v.Ticket.Filer == desktest.Filer
		}},
		{"another contact", desktest.Caller(desktest.Filer), func(f *desk.Filing) { f.Name, f.Phone = "李四", "+86 393-4412345" }, "",
			func(v desk.View) bool { name, phone := v.Contact(); return name == "李四" && phone == "03934412345" }},
		{"a contact nobody can call", desktest.Caller(desktest.Filer), func(f *desk.Filing) { f.Phone = "12345" }, "PHONE_INVALID", nil},
		{"no title", desktest.Caller(desktest.Filer), func(f *desk.Filing) { f.Title = "" }, "",
			func(v desk.View) bool {
				return v.Filing().Title == "材料交了两个月，施工许可还没有批下来，工期已经耽误。"
			}},
		{"only blanks", desktest.Caller(desktest.Filer), func(f *desk.Filing) { f.Body = " \u200b\u3000\n" }, "TEXT_EMPTY", nil},
		{"a character that cannot be kept", desktest.Caller(desktest.Filer), func(f *desk.Filing) { f.Body = "断电\x00" }, "REQUEST_INVALID", nil},
		{"category by name", desktest.Caller(desktest.Filer), func(f *desk.Filing) { f.Category = "cities/410900/categories/08" }, "",
			func(v desk.View) bool { return v.Ticket.Category == "08" }},
		{"no category", desktest.Caller(desktest.Filer), func(f *desk.Filing) { f.Category = "" }, "", func(v desk.View) bool { return v.Ticket.Category == "" }},
		{"a category there is not", desktest.Caller(desktest.Filer), func(f *desk.Filing) { f.Category = "99" }, "CATEGORY_UNKNOWN", nil},
		{"appeal type in capitals", desktest.Caller(desktest.Filer), func(f *desk.Filing) { f.AppealType = "COMPLAINT" }, "",
			func(v desk.View) bool { return v.Ticket.AppealType == "complaint" }},
		{"an appeal type there is not", desktest.Caller(desktest.Filer), func(f *desk.Filing) { f.AppealType = "praise" }, "APPEAL_TYPE_UNKNOWN", nil},
		{"several enterprises", both, nil, "ENTERPRISE_AMBIGUOUS", nil},
		{"several, and one named", both, func(f *desk.Filing) { f.Enterprise = desktest.Enterprise2 }, "",
			func(v desk.View) bool {
				return v.Ticket.Enterprise == desktest.Enterprise2 && v.Ticket.MembershipConfirmed
			}},
		{"an enterprise claimed only", desktest.Caller(desktest.Filer), func(f *desk.Filing) { f.Enterprise = desktest.Enterprise2 }, "",
			func(v desk.View) bool {
				return v.Ticket.Enterprise == desktest.Enterprise2 && !v.Ticket.MembershipConfirmed && v.Ticket.County == ""
			}},
		{"no enterprise at all", nobody, func(f *desk.Filing) { f.County = policytest.CountyCode }, "", func(v desk.View) bool {
			_, phone := v.Contact()
			return v.Ticket.Enterprise == "" && v.Ticket.County == policytest.CountyCode && phone == ""
		}},
		{"a county there is not", nobody, func(f *desk.Filing) { f.County = "410199" }, "COUNTY_UNKNOWN", nil},
		{"a project", both, func(f *desk.Filing) { f.Project, f.ProjectOf = project, desktest.Enterprise }, "",
			func(v desk.View) bool {
				return v.Ticket.Project == project && v.Ticket.Enterprise == desktest.Enterprise
			}},
		{"a project of another", both, func(f *desk.Filing) {
			f.Project, f.ProjectOf, f.Enterprise = project, desktest.Enterprise, desktest.Enterprise2
		},
			"PROJECT_FOREIGN", nil},
		{"for a caller", desktest.Caller(policytest.Dispatcher), func(f *desk.Filing) { f.Channel, f.Name, f.Phone = "phone", "王五", "13900139000" }, "",
			func(v desk.View) bool {
				name, phone := v.Contact()
				return v.Ticket.Filer == "" && v.Ticket.FiledBy == policytest.Dispatcher && name == "王五" && phone == "139****9000" && v.Filing().Phone == "13900139000" && v.Ticket.Enterprise == ""
			}},
		{"for a caller, by somebody else", desktest.Caller(desktest.Filer), func(f *desk.Filing) { f.Channel = "phone" }, "CHANNEL_FORBIDDEN", nil},
		{"in a city there is not", desktest.Caller(desktest.Filer), func(f *desk.Filing) { f.City = "410700" }, "CITY_NOT_FOUND", nil},
		{"urgent", desktest.Caller(desktest.Filer), func(f *desk.Filing) { f.Urgency, f.Category = ticket.Urgent, "0801" }, "",
			func(v desk.View) bool { return v.Ticket.Clock(ticket.KindDispatch).Policy == "utilities-urgent" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := desktest.Filing()
			if tt.edit != nil {
				tt.edit(&in)
			}
			view, err := w.Desk.File(t.Context(), tt.caller, noCall, in)
			switch {
			case tt.reason != "":
				if !fault.Has(err, tt.reason) {
					t.Errorf("%v, want %s", err, tt.reason)
				}
			case err != nil:
				t.Error(err)
			case !tt.check(view):
				t.Errorf("filed as %+v with contact and title %+v", view.Ticket, view.Filing())
			}
		})
	}
}

func TestAmbiguityNamesTheEnterprises(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	caller := desktest.Caller(desktest.Filer)
	caller.Enterprises = []string{desktest.Enterprise, desktest.Enterprise2}
	_, err := w.Desk.File(t.Context(), caller, noCall, desktest.Filing())
	if got := fault.From(err).Metadata["enterprises"]; !strings.Contains(got, desktest.Enterprise2) {
		t.Errorf("metadata %q", got)
	}
}

// The same request again is answered with the same ticket as it is now, whatever has become of the rules; with another body it is refused.
func TestRepeatedCalls(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		filer, call := desktest.Caller(desktest.Filer), desktest.Call("CreateTicket", "k")
		first, err := w.Desk.File(t.Context(), filer, call, desktest.Filing())
		if err != nil {
			t.Fatal(err)
		}
		ref := desktest.Ref(first.Ticket.ID)
		dispatch := desktest.Call("DispatchTicket", "k") // the same id for another method is another request
		dispatch.Etag = first.Etag()
		for range 2 {
			view, err := w.Dispatch(t.Context(), desktest.Caller(policytest.Dispatcher), dispatch, ref, policytest.Attendant)
			if err != nil || view.Ticket.State != ticket.StateDispatched {
				t.Errorf("dispatched: %v", err)
			}
		}
		stale := desk.Call{Etag: first.Etag()}
		if _, err := w.Sign(t.Context(), desktest.Caller(policytest.Attendant), stale, ref); !fault.Has(err, "ETAG_MISMATCH") {
			t.Errorf("a stale etag: %v", err)
		}
		in := desktest.Filing()
		in.Category = "gone since" // what was sound then need not be sound now
		again, err := w.Desk.File(t.Context(), filer, call, in)
		if err != nil || again.Ticket.ID != first.Ticket.ID || again.Ticket.State != ticket.StateDispatched {
			t.Errorf("again: %v", err)
		}
		other := call
		other.BodyHash = []byte("other")
		if _, err := w.Desk.File(t.Context(), filer, other, desktest.Filing()); !fault.Has(err, "REQUEST_ID_REUSED") {
			t.Errorf("another body: %v", err)
		}
		if _, err := w.Desk.File(t.Context(), desktest.Caller(desktest.Stranger), call, desktest.Filing()); err != nil {
			t.Errorf("somebody else's id: %v", err)
		}
		word := desktest.Call("CreateMessage", "k")
		for range 2 {
			_, written, err := w.Write(t.Context(), filer, word, ref, "请尽快")
			if err != nil || written.Body != "请尽快" {
				t.Errorf("written: %v, %v", written, err)
			}
		}
		if _, messages, err := w.Messages(t.Context(), filer, ref); err != nil || len(messages) != 1 {
			t.Errorf("%d messages, %v", len(messages), err)
		}
	})
}

func TestClaim(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	in := desktest.Filing()
	in.Channel, in.Phone = "phone", "+86 139 0013 9000"
	filed, err := w.Desk.File(t.Context(), desktest.Caller(policytest.Dispatcher), noCall, in)
	if err != nil {
		t.Fatal(err)
	}
	number := filed.Ticket.Number
	claim := func(person string) (desk.View, error) {
		return w.Claim(t.Context(), desktest.Caller(person), desktest.Call("ClaimTicket", person), policytest.Code, number[:6]+"-"+number[6:])
	}
	if _, err := claim(desktest.Filer); !fault.Has(err, "TICKET_NOT_FOUND") {
		t.Errorf("another phone: %v", err)
	}
	for range 2 {
		view, err := claim(desktest.Stranger)
		if err != nil || view.Ticket.Filer != desktest.Stranger || view.Filing().Body == "" {
			t.Errorf("claimed: %+v, %v", view.Ticket, err)
		}
	}
	if _, err := w.Claim(t.Context(), desktest.Caller(desktest.Stranger), noCall, policytest.Code, "123"); !fault.Has(err, "NUMBER_INVALID") {
		t.Errorf("no number: %v", err)
	}
	own := w.File(t)
	mine, err := w.Get(t.Context(), desktest.Caller(desktest.Filer), own)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Claim(t.Context(), desktest.Caller(desktest.Filer), noCall, policytest.Code, mine.Ticket.Number); !fault.Has(err, "TICKET_NOT_FOUND") {
		t.Errorf("nobody filed it for a caller: %v", err)
	}
	found, err := w.Lookup(t.Context(), desktest.Caller(desktest.Filer), policytest.Code, mine.Ticket.Number)
	if err != nil || found.Ticket.ID != own.ID {
		t.Errorf("lookup: %v", err)
	}
	if _, err := w.Lookup(t.Context(), desktest.Caller(desktest.Stranger), policytest.Code, mine.Ticket.Number); !fault.Has(err, "TICKET_NOT_FOUND") {
		t.Errorf("a stranger's lookup: %v", err)
	}
}

// Nobody is turned away for what they write: every real message files, word for word, and so do lengths and characters of every kind.
func TestEveryRealMessageFiles(t *testing.T) {
	folder := os.Getenv("THROUGHTRAIN_DATA")
	if folder == "" {
		t.Skip("set THROUGHTRAIN_DATA to the folder with leader_messages.jsonl and open_messages.jsonl")
	}
	w := desktest.New(t, "sqlite::memory:")
	filed := 0
	for _, name := range []string{"leader_messages.jsonl", "open_messages.jsonl"} {
		f, err := os.Open(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var m struct{ ID, Title, Body string }
			if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
				t.Fatal(err)
			}
			in := desktest.Filing()
			in.Title, in.Body = m.Title, m.Body
			keepsWord(t, w, m.ID, in)
			filed++
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	if filed != 1675+2609 {
		t.Errorf("%d messages", filed)
	}
}

func TestTextsOfEveryKindFile(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	for name, body := range map[string]string{
		"one character": "急", "a mark": "？", "long": strings.Repeat("路灯不亮。", 2000), "emoji": "停电了😡😡👨‍👩‍👧‍👦", "markup": `<img src=x onerror="alert(1)">&amp;`,
		"quotes": `'; DROP TABLE tickets; -- "`, "lines": "一\r\n二\n\t三\r", "right to left": "\u202eabc", "controls": "a\x01\x1b[31mb\x7f",
		"combining": "e\u0301", "beyond": "𠮷野家", "blanks around": "  \u3000前后有空格  ",
	} {
		in := desktest.Filing()
		in.Title, in.Body = "", body
		keepsWord(t, w, name, in)
	}
}

func keepsWord(t *testing.T, w *desktest.World, name string, in desk.Filing) {
	t.Helper()
	view, err := w.Desk.File(t.Context(), desktest.Caller(desktest.Filer), noCall, in)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	got, err := w.Get(t.Context(), desktest.Caller(desktest.Filer), desktest.Ref(view.Ticket.ID))
	if err != nil || got.Filing().Body != in.Body || in.Title != "" && got.Filing().Title != in.Title {
		t.Errorf("%s came back as %+v, %v", name, got.Filing(), err)
	}
}

// Two processes that by the worst of luck walk the same permutation: whoever comes second takes the next number, and nobody is refused.
func TestTakenNumbers(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		replica := func() *desk.Desk {
			deps := w.Deps
			deps.Numbers = number.NewFrom(strings.NewReader(strings.Repeat("k", 32)))
			return desk.New(deps)
		}
		const many = 15 // more than make a day look full
		seen := map[string]bool{}
		for _, d := range []*desk.Desk{replica(), replica()} {
			for range many {
				view, err := d.File(t.Context(), desktest.Caller(desktest.Filer), noCall, desktest.Filing())
				if err != nil {
					t.Fatal(err)
				}
				if seen[view.Ticket.Number] {
					t.Errorf("%s twice", view.Ticket.Number)
				}
				seen[view.Ticket.Number] = true
			}
		}
	})
}
