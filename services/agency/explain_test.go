package agency_test

import (
	"testing"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// explained looks at every deadline of a case: what is owed, by whom and by which rule, and each step of its time, without a gap.
func (w *world) explained(t *testing.T, name string) (kinds map[agencyv1.Clock_Kind]bool) {
	t.Helper()
	kinds = map[agencyv1.Clock_Kind]bool{}
	ask := &agencyv1.ExplainCaseRequest{Name: name}
	zh := must[*agencyv1.ExplainCaseResponse](t)(w.ExplainCase(in(w.as(t, owner), "zh-CN"), ask))
	en := must[*agencyv1.ExplainCaseResponse](t)(w.ExplainCase(in(w.as(t, owner), "en"), ask))
	for i, e := range zh.GetClocks() {
		k, other := e.GetClock(), en.GetClocks()[i]
		kinds[k.GetKind()] = true
		if e.GetTitle() == "" || e.GetOwner() == "" || e.GetRule() == "" || e.GetTitle() == other.GetTitle() || e.GetRule() == other.GetRule() || e.GetOwner() == other.GetOwner() {
			t.Errorf("clock %d %s: %q of %q by %q; %q of %q by %q", k.GetId(), k.GetKind(), e.GetTitle(), e.GetOwner(), e.GetRule(), other.GetTitle(), other.GetOwner(), other.GetRule())
		}
		at := k.GetStartTime().AsTime()
		for n, step := range e.GetSteps() {
			if !step.GetStartTime().AsTime().Equal(at) || step.GetText() == "" || step.GetText() == other.GetSteps()[n].GetText() ||
				(step.GetWorkingMinutes() > 0) && step.GetKind() != casefile.StepCounts && step.GetKind() != casefile.StepAdded {
				t.Errorf("clock %d %s, step %d: %v", k.GetId(), k.GetKind(), n, step)
			}
			at = step.GetEndTime().AsTime()
		}
		if due := k.GetDueTime().AsTime(); k.GetPauseTime() == nil && !at.Equal(due) {
			t.Errorf("clock %d %s is due at %s and explained to %s", k.GetId(), k.GetKind(), due, at)
		}
	}
	return kinds
}

// Every deadline is explained, whatever became of it.
func TestEveryDeadlineIsExplained(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	kinds := w.explained(t, w.tell(t).name)
	w = newWorld(t, "sqlite::memory:")
	for _, name := range w.asides(t) {
		for kind := range w.explained(t, name) {
			kinds[kind] = true
		}
	}
	for number, name := range agencyv1.Clock_Kind_name {
		if number != 0 && !kinds[agencyv1.Clock_Kind(number)] {
			t.Errorf("nothing owed %s", name)
		}
	}
}

// What is explained is what the reader is shown, of all the case or of one item.
func TestExplainingAnItem(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.open(t).GetName()
	w.through(t, name, cataloguetest.Filing)
	w.complete(t, name, cataloguetest.EcologyRule)
	w.submit(t, name, cataloguetest.EcologyRule)
	w.accept(t, name, cataloguetest.EcologyRule)
	clocks := func(person, item string) (of []string) {
		for _, e := range must[*agencyv1.ExplainCaseResponse](t)(w.ExplainCase(w.as(t, person), &agencyv1.ExplainCaseRequest{Name: name, Item: item})).GetClocks() {
			of = append(of, e.GetClock().GetItem()+" "+e.GetClock().GetKind().String())
		}
		return of
	}
	if all, mine := clocks(owner, ""), clocks(owner, cataloguetest.EcologyRule); count(mine, "ecology PROMISED") != 1 || count(all, "filing PROMISED") != 1 || len(mine) != 3 {
		t.Errorf("explained %v, of one item %v", all, mine)
	}
	if theirs := clocks(cataloguetest.EcologyClerk, ""); len(theirs) != 3 || len(clocks(cataloguetest.EcologyClerk, cataloguetest.Filing)) > 0 {
		t.Errorf("explained to the unit: %v", theirs)
	}
	refused[*agencyv1.ExplainCaseResponse](t, "ITEM_NOT_FOUND")(w.ExplainCase(w.as(t, owner), &agencyv1.ExplainCaseRequest{Name: name, Item: "castle"}))
}
