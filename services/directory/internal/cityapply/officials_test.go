package cityapply_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/throughtrain/throughtrain/services/directory/internal/cityapply"
	"github.com/throughtrain/throughtrain/services/directory/internal/person"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

func TestOfficialsComeChangeAndGo(t *testing.T) {
	each(t, func(w *world) {
		files := folder(w.t)
		w.apply(files, 1, true)
		staff, err := w.store.Officials(w.t.Context(), code)
		w.must(err)
		created := map[string]bool{}
		for _, e := range w.events(0, len(staff)+1) {
			created[e.GetPersonCreated().GetPerson()] = true
		}
		before := w.official("zhushuhan")
		if !created[before.Person] || !before.Serves() || before.Unit != "fgw" || len(before.Roles) != 1 {
			w.t.Errorf("official %+v", before)
		}

		// A title is no event of a person; a role ends the tokens that say otherwise.
		at := w.head()
		w.apply(edit(w.t, files, "staff.yaml", "name: 朱书涵, title: 首席服务员", "name: 朱书涵, title: 首席服务员（副科级）"), 2, true)
		w.events(at, 1)
		if o := w.official("zhushuhan"); o.Title != "首席服务员（副科级）" || o.Person != before.Person {
			w.t.Errorf("official %+v", o)
		}
		at = w.head()
		w.apply(edit(w.t, files, "staff.yaml", "0393-5550114, roles: [attendant]", "0393-5550114, roles: [clerk, attendant]"), 3, true)
		if e := w.events(at, 2)[0]; e.GetSessionsRevoked().GetPerson() != before.Person {
			w.t.Errorf("event %v", e)
		}

		// Who is no longer listed goes, and comes back as the same person.
		gone := edit(w.t, without(w.t, files, "zhushuhan"), "staff.yaml", ", deputy: zhushuhan", "")
		at = w.head()
		w.apply(gone, 4, true)
		if e := w.events(at, 3); e[0].GetOfficialDismissed().GetPerson() != before.Person || e[1].GetSessionsRevoked().GetPerson() != before.Person ||
			e[2].GetCityApplied().GetVersion() != 4 {
			w.t.Errorf("events %v", e)
		}
		if o := w.official("zhushuhan"); o.Serves() || o.DismissedBy != person.ByFiles {
			w.t.Errorf("official %+v", o)
		}
		w.apply(files, 5, true)
		if o := w.official("zhushuhan"); !o.Serves() || o.Person != before.Person {
			w.t.Errorf("official %+v", o)
		}
	})
}

// Files do not undo an administrator's order: the official has to be taken out before they can be listed again.
func TestDismissedStayDismissed(t *testing.T) {
	each(t, func(w *world) {
		files := folder(w.t)
		w.apply(files, 1, true)
		w.dismiss("zhushuhan", w.administrator("zhaoguangming"))
		w.apply(files, 1, false)
		renamed := edit(w.t, files, "city.yaml", "nameEn: Puyang", "nameEn: Puyang City")
		w.refused(standalone, renamed, "staff.yaml:", "dismissed this official")
		gone := edit(w.t, without(w.t, renamed, "zhushuhan"), "staff.yaml", ", deputy: zhushuhan", "")
		at := w.head()
		w.apply(gone, 2, true)
		w.events(at, 1)
		w.apply(renamed, 3, true)
		if o := w.official("zhushuhan"); !o.Serves() {
			w.t.Errorf("official %+v", o)
		}
	})
}

func TestNobodyChangesThemselves(t *testing.T) {
	each(t, func(w *world) {
		files := folder(w.t)
		w.apply(files, 1, true)
		admin := w.administrator("zhaoguangming")
		own := "0393-5550107, roles: [city-admin]"
		second := "title: 审计员, unit: gov-office, phone: 0393-5550108, roles: [auditor]"
		swapped := edit(w.t, edit(w.t, files, "staff.yaml", own, "0393-5550107, roles: [mayor-office]"), "staff.yaml", second,
			strings.Replace(second, "auditor", "city-admin", 1))
		w.refused(admin, swapped, "staff.yaml:", "nobody gives themselves a role")
		taken := edit(w.t, without(w.t, files, "zhaoguangming"), "staff.yaml", second, strings.Replace(second, "auditor", "city-admin", 1))
		w.refused(admin, taken, "staff.yaml", "nobody takes themselves out")
		w.apply(swapped, 2, true) // another may
		// What is not theirs they may change.
		answer, err := w.Apply(w.t.Context(), w.administrator("huangwenbo"), code, edit(w.t, swapped, "city.yaml", "maxReopens: 2", "maxReopens: 3"), false, "", store.Request{})
		w.must(err)
		if answer.GetVersion() != 3 {
			w.t.Errorf("answer %v", answer)
		}
		if _, err := w.Apply(w.t.Context(), authn.Caller{Kind: authn.Person, City: "410500", Person: admin.Person}, code, files, false, "", store.Request{}); !errors.Is(err, cityapply.ErrCity) {
			w.t.Errorf("an administrator of another city: %v", err)
		}
	})
}

// Events of staff carry ids only: names and phones are in rows that can be erased, and in versions.
func TestEventsNameNobody(t *testing.T) {
	each(t, func(w *world) {
		w.apply(folder(w.t), 1, true)
		staff, err := w.store.Officials(w.t.Context(), code)
		w.must(err)
		w.events(0, len(staff)+1)
		found, err := w.store.Feed(w.t.Context(), 0, 1000)
		w.must(err)
		for _, f := range found {
			for _, o := range staff {
				for _, personal := range []string{o.DisplayName, o.Login, o.Phone} {
					if strings.Contains(string(f.Bytes), personal) {
						w.t.Fatalf("an event of type %s holds %q", f.Type, personal)
					}
				}
			}
		}
	})
}
