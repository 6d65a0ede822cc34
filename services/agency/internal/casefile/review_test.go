package casefile

import (
	"slices"
	"testing"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

var water = clerk(ct.WaterClerk, ct.Water)

func (p *play) review(units ...string) *play {
	p.Helper()
	return p.take(p.c.OpenJointReview(p.context(planning), []string{theItem}, units, "text"))
}

// TestJointReview: nothing is decided before it is concluded, which needs everybody's word or their time to be over; no limit stands still for it.
func TestJointReview(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem).accept(theItem).review(ct.Ecology, ct.Water)
	due := p.clock(theItem, KindPromised).Due
	p.wantClock("", KindOpinion, Running, "2026-03-05 18:00:00")
	refused(t, "JOINT_REVIEW_OPEN")(p.c.Approve(p.context(planning), theItem, ""))
	refused(t, "JOINT_REVIEW_OPEN")(p.c.Refuse(p.context(planning), theItem, "reason", "remedy"))
	refused(t, "JOINT_REVIEW_OPEN")(p.c.OpenJointReview(p.context(planning), []string{theItem}, []string{ct.Ecology}, "text"))
	refused(t, "OPINIONS_OPEN")(p.c.ConcludeJointReview(p.context(planning), 1, "text"))
	if offered := p.c.ItemActions(p.context(planning), theItem); slices.Contains(offered, "approve") || slices.Contains(offered, "refuse") {
		t.Errorf("offered %v", offered)
	}
	refused(t, "OPINION_UNKNOWN")(p.c.GiveOpinion(p.context(ecology), 1, ct.Ecology, "perhaps", ""))
	refused(t, "OPINION_UNKNOWN")(p.c.GiveOpinion(p.context(ecology), 1, ct.Ecology, OpinionSilent, ""))
	refused(t, "CASE_TEXT_EMPTY")(p.c.GiveOpinion(p.context(ecology), 1, ct.Ecology, OpinionObject, ""))
	refused(t, "NOT_DECIDING_UNIT")(p.c.GiveOpinion(p.context(ecology), 1, ct.Water, OpinionAgree, ""))
	refused(t, "NOT_DECIDING_UNIT")(p.c.GiveOpinion(p.context(planning), 1, ct.Planning, OpinionAgree, ""))
	p.at("2026-03-05 18:00").opine(ecology, ct.Ecology, OpinionObject)
	refused(t, "OPINION_GIVEN")(p.c.GiveOpinion(p.context(ecology), 1, ct.Ecology, OpinionAgree, ""))
	p.wait(tick).settle()
	if o := p.c.Reviews[0].Opinions[1]; o.Opinion != OpinionSilent || local(o.Time) != "2026-03-05 18:00:00" {
		t.Errorf("%+v", o)
	}
	refused(t, "OPINION_GIVEN")(p.c.GiveOpinion(p.context(water), 1, ct.Water, OpinionAgree, ""))
	refused(t, "NOT_DECIDING_UNIT")(p.c.ConcludeJointReview(p.context(ecology), 1, "text"))
	refused(t, "CASE_TEXT_EMPTY")(p.c.ConcludeJointReview(p.context(planning), 1, ""))
	p.take(p.c.ConcludeJointReview(p.context(planning), 1, "text"))
	refused(t, "OPINION_GIVEN")(p.c.ConcludeJointReview(p.context(planning), 1, "text"))
	if k := p.clock(theItem, KindPromised); !k.Due.Equal(due) || len(k.Pauses) > 0 {
		t.Errorf("%+v", k)
	}
	p.approve(theItem)
}

func TestWhatCannotBeReviewed(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false)
	open := func(a Actor, items, units []string, text string) ([]Event, error) {
		return p.c.OpenJointReview(p.context(a), items, units, text)
	}
	item, units := []string{theItem}, []string{ct.Ecology}
	refused(t, "ITEM_STATE_FORBIDS")(open(planning, item, units, "text"))
	if slices.Contains(p.c.Actions(p.context(planning)), string(VerbReview)) {
		t.Error("reviewing what was not handed in is offered")
	}
	p.submit(theItem).accept(theItem)
	refused(t, "JOINT_REVIEW_FORBIDDEN")(open(planning, []string{theItem, ct.LandPermit}, units, "text"))
	refused(t, "ITEM_NOT_FOUND")(open(planning, []string{theItem, theItem}, units, "text"))
	refused(t, "ITEM_NOT_FOUND")(open(planning, []string{"none"}, units, "text"))
	refused(t, "ITEM_NOT_FOUND")(open(planning, nil, units, "text"))
	refused(t, "CASE_TEXT_EMPTY")(open(planning, item, units, ""))
	refused(t, "REVIEW_UNIT_UNKNOWN")(open(planning, item, nil, "text"))
	refused(t, "REVIEW_UNIT_UNKNOWN")(open(planning, item, []string{"none"}, "text"))
	refused(t, "REVIEW_UNIT_UNKNOWN")(open(planning, item, []string{ct.Office}, "text")) // where nobody could answer
	refused(t, "REVIEW_UNIT_UNKNOWN")(open(planning, item, []string{ct.Ecology, ct.Ecology}, "text"))
	refused(t, "NOT_DECIDING_UNIT")(open(housing, item, units, "text"))
	if slices.Contains(p.c.Actions(p.context(housing)), string(VerbReview)) {
		t.Error("reviewing is offered to who does not lead")
	}
}

// TestTheLeadNeedDecideNothing: a unit that leads a stage may call others together about an item that another unit decides.
func TestTheLeadNeedDecideNothing(t *testing.T) {
	city := workshop(t, onlyTheItem, func(c *directoryv1.CityConfig) {
		for _, s := range c.GetCatalogue().GetStages() {
			if s.GetCode() == ct.Design {
				s.LeadUnit = ct.Ecology
			}
		}
	})
	p := newPlay(t, city, "2026-03-02 09:00").open().supply(ct.Form, ct.Drawings, ct.Survey, ct.Contract).submit(theItem).accept(theItem)
	if !slices.Contains(p.c.Actions(p.context(ecology)), string(VerbReview)) {
		t.Error("reviewing is not offered to who leads")
	}
	refused(t, "NOT_DECIDING_UNIT")(p.c.OpenJointReview(p.context(planning), []string{theItem}, []string{ct.Water}, "text"))
	p.take(p.c.OpenJointReview(p.context(ecology), []string{theItem}, []string{ct.Water}, "text")).opine(water, ct.Water, OpinionAgree)
	refused(t, "NOT_DECIDING_UNIT")(p.c.ConcludeJointReview(p.context(water), 1, "text"))
	refused(t, "NOT_DECIDING_UNIT")(p.c.Approve(p.context(ecology), theItem, ""))
	p.copied(t).take(p.c.ConcludeJointReview(p.context(ecology), 1, "text"))
	p.take(p.c.ConcludeJointReview(p.context(planning), 1, "text")).approve(theItem) // it need not wait for the lead
}
