package rpc_test

import (
	"testing"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

func TestListOfficials(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	staff := directoryv1.NewStaffServiceClient(w.connection)
	clerk := w.persona("clerk", optionsv1.Role_ROLE_CLERK)
	for _, login := range []string{"a", "b", "c"} {
		w.official(login, optionsv1.Role_ROLE_ATTENDANT)
	}
	filer := w.signIn(phone(1))
	all := &directoryv1.ListOfficialsRequest{Parent: parent, PageSize: 2}
	seen := map[string]bool{}
	for pages := 0; ; pages++ {
		got, err := staff.ListOfficials(w.as(clerk), all)
		w.must(err)
		for _, o := range got.GetOfficials() {
			if seen[o.GetPerson()] || o.GetPhone() == "" || len(o.GetRoles()) != 1 || o.GetLogin() != "" {
				t.Errorf("staff sees %v", o)
			}
			seen[o.GetPerson()] = true
		}
		if all.PageToken = got.GetNextPageToken(); all.PageToken == "" {
			break
		}
		if pages > 3 {
			t.Fatal("pages without end")
		}
	}
	if len(seen) != 4 {
		t.Errorf("found %d officials, want 4", len(seen))
	}
	for _, tt := range []struct {
		name string
		in   *directoryv1.ListOfficialsRequest
		want int
	}{
		{"by role", &directoryv1.ListOfficialsRequest{Parent: parent, Role: optionsv1.Role_ROLE_ATTENDANT}, 3},
		{"by the unit above", &directoryv1.ListOfficialsRequest{Parent: parent, Unit: parent + "/units/gov"}, 4},
		{"by another unit", &directoryv1.ListOfficialsRequest{Parent: parent, Unit: parent + "/units/zjj"}, 0},
		{"by a part of the name", &directoryv1.ListOfficialsRequest{Parent: parent, NamePart: "建国"}, 4},
		{"by a name nobody has", &directoryv1.ListOfficialsRequest{Parent: parent, NamePart: "建军"}, 0},
	} {
		got, err := staff.ListOfficials(w.as(clerk), tt.in)
		w.must(err)
		if len(got.GetOfficials()) != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, len(got.GetOfficials()), tt.want)
		}
	}
	for reason, in := range map[string]*directoryv1.ListOfficialsRequest{
		"SEARCH_TOO_WIDE": {Parent: parent, NamePart: " 王 "}, "UNIT_UNKNOWN": {Parent: parent, Unit: parent + "/units/none"}} {
		_, err := staff.ListOfficials(w.as(filer), in)
		wants(t, reason, err, fault.Invalid, reason)
	}
	_, err := staff.ListOfficials(w.as(filer), &directoryv1.ListOfficialsRequest{Parent: parent, Unit: parent + "/units/gxj", Role: optionsv1.Role_ROLE_AUDITOR})
	wants(t, "a filer who asks by role", err, fault.Denied, "ROLE_REQUIRED")
	got, err := staff.ListOfficials(w.as(filer), &directoryv1.ListOfficialsRequest{Parent: parent, NamePart: "王建", PageSize: 2})
	w.must(err)
	if len(got.GetOfficials()) != 2 || got.GetNextPageToken() != "" {
		t.Errorf("a filer gets %v", got)
	}
	for _, o := range got.GetOfficials() {
		if o.GetPhone() != "" || o.GetLogin() != "" || len(o.GetRoles()) != 0 || o.GetDisplayName() == "" || o.GetTitle() == "" || o.GetUnit() == "" {
			t.Errorf("a filer sees %v", o)
		}
	}
	own, err := w.persons.GetPerson(w.as(clerk), &directoryv1.GetPersonRequest{Name: clerk.GetPerson()})
	w.must(err)
	if own.GetUnitDisplayName() != "工信局" || own.GetUnitDisplayNameEn() != "Industry" || own.GetTitle() != "科长" || own.GetDisplayName() != "王建国" {
		t.Errorf("who somebody is: %v", own)
	}
	admin := w.persona("admin", optionsv1.Role_ROLE_CITY_ADMIN)
	if _, err := w.persons.DismissOfficial(w.as(admin), &directoryv1.DismissOfficialRequest{Name: clerk.GetPerson(), Reason: "retired"}); err != nil {
		t.Fatal(err)
	}
	if got, err = staff.ListOfficials(w.as(admin), &directoryv1.ListOfficialsRequest{Parent: parent, Role: optionsv1.Role_ROLE_CLERK}); err != nil || len(got.GetOfficials()) != 0 {
		t.Errorf("who was dismissed is listed: %v, %v", got, err)
	}
	if got, err = staff.ListOfficials(w.as(admin), &directoryv1.ListOfficialsRequest{Parent: parent, Role: optionsv1.Role_ROLE_CITY_ADMIN}); err != nil ||
		len(got.GetOfficials()) != 1 || got.GetOfficials()[0].GetLogin() != "admin" {
		t.Errorf("an administrator sees %v, %v", got, err)
	}
}

func TestSettings(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	client := directoryv1.NewSettingsServiceClient(w.connection)
	s, other := w.signIn(phone(1)), w.signIn(phone(2))
	name := s.GetPerson() + "/settings"
	got, err := client.GetSettings(w.as(s), &directoryv1.GetSettingsRequest{Name: name})
	w.must(err)
	if got.GetEtag() != "0" || len(got.GetKeys()) != 0 {
		t.Errorf("settings nobody set: %v", got)
	}
	wanted := &directoryv1.Settings{SingleKeysOff: true, Keys: map[string]string{"sign": "S", "queue": "G Q"}, Theme: "dark", TextSize: "largest", Language: "en",
		Templates: []*directoryv1.AnswerTemplate{{Title: "供气", Text: "已经恢复供气。"}}}
	in := &directoryv1.UpdateSettingsRequest{Name: name, Settings: wanted, Etag: "0", RequestId: "1"}
	for range 2 { // the second is a repeat
		if got, err = client.UpdateSettings(w.as(s), in); err != nil || got.GetEtag() != "1" || got.GetKeys()["queue"] != "G Q" || got.GetTheme() != "dark" ||
			got.GetTemplates()[0].GetText() != "已经恢复供气。" || got.GetLanguage() != "en" || got.GetName() != name {
			t.Fatalf("set: %v, %v", got, err)
		}
	}
	own, err := w.persons.GetPerson(w.as(s), &directoryv1.GetPersonRequest{Name: s.GetPerson()})
	if w.must(err); own.GetLanguage() != "en" {
		t.Error("there are two languages of one person")
	}
	_, err = client.UpdateSettings(w.as(s), &directoryv1.UpdateSettingsRequest{Name: name, Settings: wanted, Etag: "0"})
	wants(t, "an old version", err, fault.Conflict, "ETAG_MISMATCH")
	clash := &directoryv1.Settings{Keys: map[string]string{"sign": "S", "send": "s"}}
	_, err = client.UpdateSettings(w.as(s), &directoryv1.UpdateSettingsRequest{Name: name, Settings: clash})
	wants(t, "two actions on a key", err, fault.Invalid, "KEYS_CLASH")
	for what, bad := range map[string]*directoryv1.Settings{
		"too many templates": {Templates: make([]*directoryv1.AnswerTemplate, 51)}, "a key that is none": {Keys: map[string]string{"sign": "Ctrl+Shift+T"}},
		"a theme that is none": {Theme: "pink"}} {
		for i := range bad.Templates {
			bad.Templates[i] = &directoryv1.AnswerTemplate{Title: "x", Text: "x"}
		}
		_, err = client.UpdateSettings(w.as(s), &directoryv1.UpdateSettingsRequest{Name: name, Settings: bad})
		wants(t, what, err, fault.Invalid, "REQUEST_INVALID")
	}
	_, err = client.GetSettings(w.as(other), &directoryv1.GetSettingsRequest{Name: name})
	wants(t, "another's", err, fault.NotFound, "PERSON_NOT_FOUND")
	_, err = client.UpdateSettings(w.as(other), &directoryv1.UpdateSettingsRequest{Name: name, Settings: wanted})
	wants(t, "another's", err, fault.NotFound, "PERSON_NOT_FOUND")
}
