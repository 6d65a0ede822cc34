package cityapply_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/cityapply"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// TestHistoryOfVersions: who applied what when and why is kept with the files, a dry run says the same numbers and keeps nothing, and a repeat answers
// as the first call did.
func TestHistoryOfVersions(t *testing.T) {
	each(t, func(w *world) {
		first := folder(w.t)
		w.apply(first, 1, true)
		admin := w.administrator("huangwenbo")
		second := edit(w.t, first, "policies.yaml", "limit: 10 workdays", "limit: 9 workdays")
		dry, err := w.Apply(w.t.Context(), admin, code, second, true, "only to see", store.Request{})
		w.must(err)
		w.city.Advance(time.Hour)
		for range 2 {
			done, err := w.Apply(w.t.Context(), admin, code, second, false, "nine days are enough", request("once", "body"))
			w.must(err)
			for what, s := range map[string]*directoryv1.CitySummary{"the dry run": dry.GetSummary(), "the application": done.GetSummary()} {
				if len(s.GetFiles()) != 1 || s.GetFiles()[0].GetPath() != "policies.yaml" || s.GetFiles()[0].GetChange() != "changed" ||
					len(s.GetSections()) != 1 || s.GetSections()[0].GetSection() != "policies" || s.GetSections()[0].GetChanged() == 0 || len(s.GetDays()) != 0 {
					w.t.Errorf("%s says %v", what, s)
				}
			}
		}
		all, err := w.Versions(w.t.Context(), admin, code, math.MaxInt64, 10)
		w.must(err)
		if len(all) != 2 || all[0].GetVersion() != 2 || all[0].GetReason() != "nine days are enough" || all[0].GetActor() != "cities/"+code+"/persons/"+admin.Person ||
			all[0].GetActorDisplayName() == "" || !all[0].GetApplyTime().AsTime().After(all[1].GetApplyTime().AsTime()) || !all[1].GetFilesKept() {
			w.t.Errorf("history %v", all)
		}
		if below, err := w.Versions(w.t.Context(), admin, code, 2, 10); err != nil || len(below) != 1 || below[0].GetVersion() != 1 {
			w.t.Errorf("below the second: %v, %v", below, err)
		}
		for version, files := range map[int64][]*directoryv1.CityFile{1: first, 2: second, 0: second} {
			got, err := w.Files(w.t.Context(), admin, code, version)
			w.must(err)
			if len(got.GetFiles()) != len(files) {
				w.t.Errorf("version %d has %d files, want %d", version, len(got.GetFiles()), len(files))
			}
			for _, f := range files {
				if !slices.ContainsFunc(got.GetFiles(), func(g *directoryv1.CityFile) bool {
					return g.GetPath() == f.GetPath() && bytes.Equal(g.GetContent(), f.GetContent())
				}) {
					w.t.Errorf("version %d lost %s", version, f.GetPath())
				}
			}
		}
		config, err := w.Compile(w.t.Context(), authn.Caller{Kind: authn.Service, Name: "hotline"}, code, first)
		w.must(err)
		if now, _ := w.Config(code); config.GetVersion() != 3 || now.GetVersion() != 2 {
			w.t.Errorf("compiled %d while %d is in force", config.GetVersion(), now.GetVersion())
		}
		if _, err := w.Compile(w.t.Context(), authn.Caller{Kind: authn.Service, Name: "hotline"}, code, edit(w.t, first, "policies.yaml", "limit: 10 workdays",
			"limit: soon")); !fault.Has(err, "CITY_FILES_INVALID") {
			w.t.Errorf("broken files: %v", err)
		}
		stranger := admin
		stranger.City = "410500"
		_, filesErr := w.Files(w.t.Context(), stranger, code, 0)
		_, versionsErr := w.Versions(w.t.Context(), stranger, code, 9, 9)
		_, calendarErr := w.Calendar(w.t.Context(), stranger, code, 2026, 0)
		for _, err := range []error{filesErr, versionsErr, calendarErr} {
			if !errors.Is(err, cityapply.ErrCity) {
				w.t.Errorf("somebody of another city: %v", err)
			}
		}
	})
}

func TestCalendarByDays(t *testing.T) {
	each(t, func(w *world) {
		w.apply(folder(w.t), 1, true)
		admin := w.administrator("huangwenbo")
		cal, err := w.Calendar(w.t.Context(), admin, code, 2026, 0)
		w.must(err)
		kinds := map[string]string{}
		worked := 0
		for _, d := range cal.GetDays() {
			kinds[d.GetDate()] = d.GetKind()
			if (len(d.GetSlots()) > 0) != (d.GetKind() == "workday" || d.GetKind() == "make-up") {
				w.t.Errorf("%v", d)
			}
			if len(d.GetSlots()) > 0 {
				worked++
			}
		}
		if len(kinds) != 365 || kinds["2026-02-14"] != "make-up" || kinds["2026-02-16"] != "holiday" || kinds["2026-03-07"] != "weekend" ||
			kinds["2026-03-09"] != "workday" || int(cal.GetWorkdays()) != worked || cal.GetOrigin() != "official" {
			w.t.Errorf("%s, %d days, %d worked", cal.GetOrigin(), len(kinds), worked)
		}
		if cal, err = w.Calendar(w.t.Context(), admin, code, 2096, 0); err != nil || cal.GetOrigin() != "projected" || len(cal.GetDays()) != 366 {
			w.t.Errorf("a leap year that nobody gave: %v, %v", cal.GetOrigin(), err)
		}
	})
}
