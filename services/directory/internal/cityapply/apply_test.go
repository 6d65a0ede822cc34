package cityapply_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/cityapply"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

func TestVersionsGrowWithTheFiles(t *testing.T) {
	each(t, func(w *world) {
		files := folder(w.t)
		if _, ok := w.Config(code); ok {
			w.t.Error("a city is there before it was applied")
		}
		if _, err := w.Public(code); !errors.Is(err, cityapply.ErrCity) {
			w.t.Errorf("a city that is not there: %v", err)
		}
		w.apply(files, 1, true)
		first := w.head()
		w.apply(files, 1, false)
		w.apply(edit(w.t, files, "city.yaml", "rules:", "# the process\nrules:"), 1, false)
		if head := w.head(); head != first {
			w.t.Errorf("%d events of files that change nothing", head-first)
		}
		w.city.Advance(time.Hour)
		w.apply(edit(w.t, files, "policies.yaml", "limit: 10 workdays", "limit: 9 workdays"), 2, true)
		if e := w.events(first, 1)[0]; e.GetCityApplied().GetVersion() != 2 {
			w.t.Errorf("event %v", e)
		}
		w.city.Set(w.city.Now().Add(-24 * time.Hour))
		w.apply(files, 3, true) // back to what it was is a version, too

		var before time.Time
		for version := int64(1); version <= 3; version++ {
			c, err := w.Version(w.t.Context(), code, version)
			w.must(err)
			if c.GetVersion() != version || c.GetApplyTime().AsTime().Before(before) {
				w.t.Errorf("version %d says %d, applied %s after %s", version, c.GetVersion(), c.GetApplyTime().AsTime(), before)
			}
			before = c.GetApplyTime().AsTime()
		}
		current, _ := w.Config(code)
		stored, err := w.store.CityConfig(w.t.Context(), code, 3)
		w.must(err)
		if !proto.Equal(current, stored.Config) {
			w.t.Error("what is in force is not what is stored")
		}
		for _, unknown := range []func() error{
			func() error { _, err := w.Version(w.t.Context(), code, 4); return err },
			func() error { _, err := w.Version(w.t.Context(), "410500", 0); return err },
		} {
			if err := unknown(); !errors.Is(err, cityapply.ErrCity) {
				w.t.Errorf("an unknown version: %v", err)
			}
		}
		w.verify()
	})
}

func TestReplacedFilesAreKnown(t *testing.T) {
	each(t, func(w *world) {
		replaced := func(files []*directoryv1.CityFile, version int64, want bool) {
			w.t.Helper()
			was, ok, err := w.Replaced(w.t.Context(), standalone, code, files)
			w.must(err)
			if ok != want || was != version {
				w.t.Errorf("version %d, replaced: %t; want %d, %t", was, ok, version, want)
			}
		}
		first := folder(w.t)
		second := edit(w.t, first, "policies.yaml", "limit: 10 workdays", "limit: 9 workdays")
		replaced(first, 0, false)
		w.apply(first, 1, true)
		replaced(first, 1, false)
		replaced(second, 0, false)
		w.apply(second, 2, true)
		replaced(first, 1, true)
		replaced(second, 2, false)
		w.apply(first, 3, true)
		replaced(first, 3, false)
		replaced(second, 2, true)
		if _, _, err := w.Replaced(w.t.Context(), standalone, code, edit(w.t, first, "city.yaml", code, "410500")); !fault.Has(err, "CITY_FILES_INVALID") {
			w.t.Errorf("files of another city: %v", err)
		}
	})
}

// verify checks the chain of the configuration's history.
func (w *world) verify() {
	w.t.Helper()
	history, err := w.store.Journal(w.t.Context(), code, store.ConfigAggregate, 0)
	w.must(err)
	newest, err := w.store.NewestCityConfig(w.t.Context(), code)
	w.must(err)
	w.must(journal.Verify(func(yield func(journal.Sealed, error) bool) {
		for _, e := range history {
			if !yield(e, nil) {
				return
			}
		}
	}, journal.Head{Version: newest.Version, Hash: newest.Hash}))
}

func TestConfigIsComplete(t *testing.T) {
	each(t, func(w *world) {
		w.apply(folder(w.t), 1, true)
		c, _ := w.Config(code)
		if len(c.GetOfficials()) < 100 || len(c.GetUnits()) < 30 || len(c.GetCategories()) < 60 || len(c.GetPolicies()) != 6 || len(c.GetLadder()) != 4 {
			w.t.Errorf("%d officials, %d units, %d categories, %d policies, %d rungs", len(c.GetOfficials()), len(c.GetUnits()), len(c.GetCategories()),
				len(c.GetPolicies()), len(c.GetLadder()))
		}
		byLogin := map[string]*directoryv1.Official{}
		persons := map[string]bool{}
		for _, o := range c.GetOfficials() {
			byLogin[o.GetLogin()], persons[o.GetPerson()] = o, true
			if o.GetPerson() != "cities/410900/persons/"+w.official(o.GetLogin()).Person {
				w.t.Errorf("%s is %s, not who is stored", o.GetLogin(), o.GetPerson())
			}
		}
		for _, u := range c.GetUnits() {
			if !persons[u.GetLeader()] {
				w.t.Errorf("unit %s is led by %q", u.GetCode(), u.GetLeader())
			}
		}
		i := slices.IndexFunc(c.GetPolicies(), func(p *directoryv1.Policy) bool { return p.GetCode() == "general" })
		if general := c.GetPolicies()[i]; !strings.Contains(general.GetSource(), "to be confirmed by the city: contact, verify") ||
			general.GetLimits()[2].GetFrom() != "" || general.GetLimits()[3].GetLimit() != "5 workdays" || !general.GetLimits()[3].GetLadder() {
			w.t.Errorf("policy %v", general)
		}
		if urgent := c.GetPolicies()[0]; urgent.GetLimits()[2].GetFrom() != "sign" || urgent.GetUrgencies()[0] != "urgent" {
			w.t.Errorf("policy %v", urgent)
		}
		if first := c.GetLadder()[0]; first.GetRung() != 1 || first.GetAfter() != "" || c.GetLadder()[1].GetAfter() != "1 workday" {
			w.t.Errorf("ladder %v", c.GetLadder())
		}
		if y := c.GetCalendarYears()[2]; y.GetYear() != 2026 || y.GetDaysOff()[2] != "01-03" || len(y.GetDaysOff()) != 33 || y.GetMakeUp()[5] != "10-10" {
			w.t.Errorf("year %v", y)
		}
		public, err := w.Public(code)
		w.must(err)
		if public.GetConfigVersion() != 1 || len(public.GetUnits()) != len(c.GetUnits()) || strings.Contains(public.String(), "persons/") {
			w.t.Errorf("public face %v", public)
		}
	})
}

func TestRefusedFilesChangeNothing(t *testing.T) {
	each(t, func(w *world) {
		files := folder(w.t)
		wrong := edit(w.t, files, "units.yaml", "parent: swj", "parent: nowhere")
		w.refused(standalone, wrong, "units.yaml:", `no unit "nowhere"`)
		w.refused(standalone, nil, "city.yaml", "missing")
		other := edit(w.t, edit(w.t, files, "city.yaml", "410900", "410500"), "counties.yaml", "410902", "410502")
		w.refused(standalone, other, "counties.yaml", "no county of city 410500")
		if _, ok := w.Config(code); ok {
			w.t.Error("refused files are in force")
		}
		w.apply(files, 1, true)
		w.refused(standalone, wrong, "units.yaml:", `no unit "nowhere"`)
		if _, err := w.Apply(w.t.Context(), standalone, "410500", files, false, "", store.Request{}); fault.From(err).Violations[0].Text.En != "the files are of city 410900, not of 410500" {
			w.t.Errorf("files of another city: %v", err)
		}
		// What is said of many faults stays short enough to travel, and says how many there are.
		many := edit(w.t, files, "units.yaml", "    kind: office\n", "")
		for _, f := range many {
			if f.GetPath() == "staff.yaml" {
				f.Content = []byte(strings.ReplaceAll(string(f.GetContent()), "unit: ", "unit: x"))
			}
		}
		_, err := w.Apply(w.t.Context(), standalone, code, many, false, "", store.Request{})
		if f := fault.From(err); len(f.Violations) != 50 || f.Metadata["faults"] < "100" {
			w.t.Errorf("%d violations of %s", len(f.Violations), f.Metadata["faults"])
		}
	})
}

func TestValidateOnlyChangesNothing(t *testing.T) {
	each(t, func(w *world) {
		files := folder(w.t)
		try := func(files []*directoryv1.CityFile, version int64, changed bool) {
			w.t.Helper()
			before := w.head()
			answer, err := w.Apply(w.t.Context(), standalone, code, files, true, "", request("only-trying", "body"))
			w.must(err)
			if answer.GetVersion() != version || answer.GetChanged() != changed || w.head() != before {
				w.t.Errorf("answer %v", answer)
			}
		}
		try(files, 1, true)
		if _, ok := w.Config(code); ok {
			w.t.Error("files that were only tried are in force")
		}
		w.apply(files, 1, true)
		try(files, 1, false)
		try(edit(w.t, files, "city.yaml", "maxReopens: 2", "maxReopens: 3"), 2, true)
	})
}

func TestRequestIDs(t *testing.T) {
	each(t, func(w *world) {
		files := folder(w.t)
		call := func(r store.Request, files []*directoryv1.CityFile) (*directoryv1.ApplyCityResponse, error) {
			return w.Apply(w.t.Context(), standalone, code, files, false, "", r)
		}
		other := edit(w.t, files, "city.yaml", "maxReopens: 2", "maxReopens: 3")
		for i, want := range []struct {
			request store.Request
			files   []*directoryv1.CityFile
			version int64
			changed bool
		}{
			{request("a", "1"), files, 1, true},
			{request("a", "1"), files, 1, true}, // as then
			{request("b", "1"), files, 1, false},
			{request("c", "2"), other, 2, true},
			{request("a", "1"), files, 1, true}, // as then, although version 2 is in force
			{request("b", "1"), files, 2, false},
		} {
			answer, err := call(want.request, want.files)
			w.must(err)
			if answer.GetVersion() != want.version || answer.GetChanged() != want.changed {
				w.t.Errorf("call %d: %v, not %d, %t", i, answer, want.version, want.changed)
			}
		}
		if _, err := call(request("a", "2"), other); !errors.Is(err, store.ErrRequestReused) {
			w.t.Errorf("another body under the same id: %v", err)
		}
	})
}

// Many apply at once: the same files make one version, different ones as many as there are, without a gap.
func TestApplyingAtOnce(t *testing.T) {
	each(t, func(w *world) {
		files := folder(w.t)
		const n = 6
		race := func(variant func(i int) []*directoryv1.CityFile) (changed int) {
			w.t.Helper()
			var wait sync.WaitGroup
			var mu sync.Mutex
			for i := range n {
				mine := variant(i)
				wait.Go(func() {
					for {
						answer, err := w.Apply(w.t.Context(), standalone, code, mine, false, "", store.Request{})
						if fault.Has(err, "CONTENTION") {
							continue
						}
						mu.Lock()
						defer mu.Unlock()
						if err != nil {
							w.t.Error(err)
						} else if answer.GetChanged() {
							changed++
						}
						return
					}
				})
			}
			wait.Wait()
			return changed
		}
		if changed := race(func(int) []*directoryv1.CityFile { return files }); changed != 1 {
			w.t.Errorf("the same files changed the city %d times", changed)
		}
		if changed := race(func(i int) []*directoryv1.CityFile {
			return edit(w.t, files, "city.yaml", "maxReopens: 2", fmt.Sprintf("maxReopens: %d", 3+i))
		}); changed != n {
			w.t.Errorf("%d different files changed the city %d times", n, changed)
		}
		if c, _ := w.Config(code); c.GetVersion() != n+1 {
			w.t.Errorf("version %d is in force", c.GetVersion())
		}
		w.verify()
	})
}

func TestReplicasLoadWhatIsInForce(t *testing.T) {
	each(t, func(w *world) {
		w.apply(folder(w.t), 1, true)
		other := w.replica()
		if _, ok := other.Config(code); ok {
			w.t.Error("a replica knows a city before it loads")
		}
		w.must(other.Load(w.t.Context()))
		mine, _ := w.Config(code)
		if theirs, ok := other.Config(code); !ok || !proto.Equal(mine, theirs) {
			w.t.Error("a replica has another configuration in force")
		}
		w.apply(edit(w.t, folder(w.t), "city.yaml", "maxReopens: 2", "maxReopens: 3"), 2, true)
		w.must(other.Load(w.t.Context()))
		if theirs, _ := other.Config(code); theirs.GetVersion() != 2 {
			w.t.Errorf("a replica is on version %d", theirs.GetVersion())
		}
	})
}

// The notice for a projected year is a version like any other.
func TestNoticeForAProjectedYear(t *testing.T) {
	each(t, func(w *world) {
		files := folder(w.t)
		w.apply(files, 1, true)
		official := edit(w.t, edit(w.t, files, "calendars/2027.yaml", "origin: projected", "origin: official"),
			"calendars/2027.yaml", "makeUp: []", `makeUp: ["02-14", "02-20"]`)
		w.apply(official, 2, true)
		c, _ := w.Config(code)
		if y := c.GetCalendarYears()[3]; y.GetOrigin() != "official" || len(y.GetMakeUp()) != 2 {
			w.t.Errorf("year %v", y)
		}
	})
}

// What was applied stays as it was, whoever has the database open.
func TestVersionsNeverChange(t *testing.T) {
	each(t, func(w *world) {
		w.apply(folder(w.t), 1, true)
		for _, text := range []string{`UPDATE city_configs SET applied = 0`, `DELETE FROM city_configs`} {
			if err := w.store.Commit(w.t.Context(), changeOf(text)); err == nil {
				w.t.Errorf("%s was taken", text)
			}
		}
		if _, err := w.store.CityConfig(w.t.Context(), code, 1); err != nil {
			w.t.Error(err)
		}
	})
}
