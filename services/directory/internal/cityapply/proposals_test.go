package cityapply_test

import (
	"errors"
	"math"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/cityapply"
	"github.com/throughtrain/throughtrain/services/directory/internal/citypb"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// careful is the city that wants a second person.
func careful(t testing.TB) []*directoryv1.CityFile {
	t.Helper()
	return edit(t, folder(t), "city.yaml", "deskUnit: desk\n", "deskUnit: desk\nsecondPerson: true\n")
}

// propose applies files as an administrator and wants a proposal.
func (w *world) propose(by authn.Caller, files []*directoryv1.CityFile, reason string, r store.Request) string {
	w.t.Helper()
	before := w.head()
	got, err := w.Apply(w.t.Context(), by, code, files, false, reason, r)
	w.must(err)
	id, ok := citypb.ProposalID(got.GetProposal())
	if !ok || got.GetChanged() || !got.GetSecondPerson() || len(got.GetSummary().GetFiles()) == 0 || w.head() != before {
		w.t.Fatalf("no proposal, or more: %v", got)
	}
	return id
}

// TestASecondPersonApplies: what one administrator applies waits, whoever proposed it cannot be the second, another can, once, and the version names both.
func TestASecondPersonApplies(t *testing.T) {
	each(t, func(w *world) {
		w.apply(folder(w.t), 1, true)
		first := w.administrator("zhaoguangming")
		// The rule that is in force counts: the version that brings it needs nobody.
		if got, err := w.Apply(w.t.Context(), first, code, careful(w.t), false, "four eyes", store.Request{}); err != nil || !got.GetChanged() || got.GetProposal() != "" {
			w.t.Fatalf("%v, %v", got, err)
		}
		second := w.administrator("fangruoxi")
		files := edit(w.t, careful(w.t), "policies.yaml", "limit: 10 workdays", "limit: 9 workdays")
		dry, err := w.Apply(w.t.Context(), first, code, files, true, "", store.Request{})
		if err != nil || !dry.GetSecondPerson() || dry.GetProposal() != "" {
			w.t.Errorf("a dry run: %v, %v", dry, err)
		}
		id := w.propose(first, files, "nine days", request("a", "body"))
		if again := w.propose(first, files, "nine days", request("a", "body")); again != id {
			w.t.Errorf("a repeat made another proposal")
		}
		if now, _ := w.Config(code); now.GetVersion() != 2 {
			w.t.Fatalf("version %d is in force already", now.GetVersion())
		}
		if _, err := w.ApplyProposal(w.t.Context(), first, code, id, store.Request{}); !errors.Is(err, cityapply.ErrSecondPerson) {
			w.t.Errorf("who proposed it: %v", err)
		}
		stranger := second
		stranger.City = "410500"
		for who, want := range map[*authn.Caller]error{&stranger: cityapply.ErrCity} {
			_, listErr := w.Proposals(w.t.Context(), *who, code, "", 9)
			_, applyErr := w.ApplyProposal(w.t.Context(), *who, code, id, store.Request{})
			_, dropErr := w.DropProposal(w.t.Context(), *who, code, id, "", store.Request{})
			_, filesErr := w.ProposalFiles(w.t.Context(), *who, code, id)
			for _, err := range []error{listErr, applyErr, dropErr, filesErr} {
				if !errors.Is(err, want) {
					w.t.Errorf("somebody of another city: %v", err)
				}
			}
		}
		if _, err := w.ApplyProposal(w.t.Context(), second, code, "01890000-0000-7000-8000-000000000000", store.Request{}); !errors.Is(err, cityapply.ErrProposal) {
			w.t.Errorf("none: %v", err)
		}
		if _, err := w.ProposalFiles(w.t.Context(), second, code, "01890000-0000-7000-8000-000000000000"); !errors.Is(err, cityapply.ErrProposal) {
			w.t.Errorf("files of none: %v", err)
		}
		read, err := w.ProposalFiles(w.t.Context(), second, code, id)
		if err != nil || read.GetBaseVersion() != 2 || read.GetName() != "cities/"+code+"/proposals/"+id {
			w.t.Errorf("what is proposed: %v, %v", read, err)
		}
		w.city.Advance(time.Hour)
		for range 2 { // the second of these is a repeat without an id
			done, err := w.ApplyProposal(w.t.Context(), second, code, id, store.Request{})
			if err != nil || done.GetVersion() != 3 || !done.GetChanged() || done.GetProposal() != "" || len(done.GetSummary().GetFiles()) != 1 {
				w.t.Fatalf("%v, %v", done, err)
			}
		}
		versions, err := w.Versions(w.t.Context(), first, code, math.MaxInt64, 1)
		w.must(err)
		if v := versions[0]; v.GetVersion() != 3 || v.GetReason() != "nine days" || v.GetActor() != "cities/"+code+"/persons/"+second.Person || v.GetActorDisplayName() != "方若溪" ||
			v.GetProposer() != "cities/"+code+"/persons/"+first.Person || v.GetProposerDisplayName() != "赵广明" {
			w.t.Errorf("%v", v)
		}
		kept, err := w.Files(w.t.Context(), first, code, 3)
		if err == nil && !proto.Equal(&directoryv1.CityFiles{Files: kept.GetFiles()}, &directoryv1.CityFiles{Files: read.GetFiles()}) {
			w.t.Error("what took effect is not what was read")
		}
		if err != nil || len(kept.GetFiles()) != len(files) {
			w.t.Errorf("files %d, %v", len(kept.GetFiles()), err)
		}
		shown, err := w.Proposals(w.t.Context(), first, code, "", 9)
		if err != nil || len(shown) != 1 || shown[0].GetState() != directoryv1.CityProposal_APPLIED || shown[0].GetDeciderDisplayName() != "方若溪" ||
			!shown[0].GetDecideTime().AsTime().After(shown[0].GetCreateTime().AsTime()) {
			w.t.Errorf("%v, %v", shown, err)
		}
		if _, err := w.DropProposal(w.t.Context(), first, code, id, "", store.Request{}); !errors.Is(err, cityapply.ErrProposalDecided) {
			w.t.Errorf("dropping what is in force: %v", err)
		}
		// Whoever starts the process or works at its machine is no official.
		w.apply(folder(w.t), 4, true)
	})
}

// TestProposalsThatComeToNothing: dropped by who made it or by another, overtaken by a version, and what is wrong is refused before it is one.
func TestProposalsThatComeToNothing(t *testing.T) {
	each(t, func(w *world) {
		w.apply(careful(w.t), 1, true)
		first, second := w.administrator("zhaoguangming"), w.administrator("fangruoxi")
		nine := edit(w.t, careful(w.t), "policies.yaml", "limit: 10 workdays", "limit: 9 workdays")
		eight := edit(w.t, careful(w.t), "policies.yaml", "limit: 10 workdays", "limit: 8 workdays")
		w.refused(first, edit(w.t, careful(w.t), "policies.yaml", "limit: 10 workdays", "limit: soon"), "policies.yaml", "")
		alone := without(w.t, careful(w.t), "fangruoxi")
		w.refused(first, alone, "city.yaml", "where two hold city-admin")
		if got, err := w.Apply(w.t.Context(), first, code, careful(w.t), false, "", store.Request{}); err != nil || got.GetProposal() != "" || got.GetChanged() {
			w.t.Errorf("what is in force already: %v, %v", got, err)
		}

		back, no, late, won := w.propose(first, nine, "a", store.Request{}), w.propose(first, nine, "b", store.Request{}), w.propose(second, nine, "c", store.Request{}), w.propose(first, eight, "d", store.Request{})
		for by, id := range map[*authn.Caller]string{&first: back, &second: no} {
			for range 2 {
				got, err := w.DropProposal(w.t.Context(), *by, code, id, "better not", store.Request{})
				if err != nil || got.GetState() != directoryv1.CityProposal_DROPPED || got.GetDropReason() != "better not" || got.GetDecider() == "" {
					w.t.Errorf("%v, %v", got, err)
				}
			}
			if _, err := w.ApplyProposal(w.t.Context(), second, code, id, store.Request{}); !errors.Is(err, cityapply.ErrProposalDecided) {
				w.t.Errorf("applying what was dropped: %v", err)
			}
		}
		if _, err := w.ApplyProposal(w.t.Context(), second, code, won, request("x", "y")); err != nil {
			w.t.Fatal(err)
		}
		if _, err := w.ApplyProposal(w.t.Context(), first, code, late, store.Request{}); !errors.Is(err, cityapply.ErrProposalOutdated) {
			w.t.Errorf("applying what was overtaken: %v", err)
		}
		all, err := w.Proposals(w.t.Context(), first, code, "", 10)
		if err != nil || len(all) != 4 || all[0].GetReason() != "d" || all[3].GetReason() != "a" || all[1].GetState() != directoryv1.CityProposal_WAITING {
			w.t.Fatalf("%v, %v", all, err)
		}
		if below, err := w.Proposals(w.t.Context(), first, code, late, 1); err != nil || len(below) != 1 || below[0].GetReason() != "b" {
			w.t.Errorf("below: %v, %v", below, err)
		}
	})
}

// TestOneOfManyDecides: one applies and another drops at the same moment; one of them is told that it was decided.
func TestOneOfManyDecides(t *testing.T) {
	each(t, func(w *world) {
		w.apply(careful(w.t), 1, true)
		first, second := w.administrator("zhaoguangming"), w.administrator("fangruoxi")
		id := w.propose(first, edit(w.t, careful(w.t), "policies.yaml", "limit: 10 workdays", "limit: 9 workdays"), "", store.Request{})
		var applyErr, dropErr error
		var both sync.WaitGroup
		both.Go(func() { _, applyErr = w.ApplyProposal(w.t.Context(), second, code, id, store.Request{}) })
		both.Go(func() { _, dropErr = w.DropProposal(w.t.Context(), first, code, id, "", store.Request{}) })
		both.Wait()
		if (applyErr == nil) == (dropErr == nil) || !fault.Has(errors.Join(applyErr, dropErr), "CITY_PROPOSAL_DECIDED") {
			w.t.Fatalf("applied: %v, dropped: %v", applyErr, dropErr)
		}
		want := int64(1)
		if applyErr == nil {
			want = 2
		}
		if now, _ := w.Config(code); now.GetVersion() != want {
			w.t.Errorf("version %d is in force, want %d", now.GetVersion(), want)
		}
	})
}
