package citypb

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/city"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func differ(t *testing.T, got, want proto.Message) {
	t.Helper()
	if !proto.Equal(got, want) {
		t.Errorf("\n%s\nnot\n%s", prototext.Format(got), prototext.Format(want))
	}
}

// Everything that an item can have arrives; what it does not have is not there.
func TestItem(t *testing.T) {
	differ(t, item(city.Item{
		Code: "permit", Name: "许可", NameEn: "Permit", Stage: "land", Unit: "zrj", Kind: "approval", Basis: "法", Statutory: 20, Promised: 9, Extension: 10,
		After: []string{"a"}, Needs: []string{"b", "c"},
		When: city.Condition{Types: []string{"t"}, Lands: []string{"l"}, Hazards: []string{"h"}, Utilities: []string{"u"}, Investors: []string{"i"},
			MinInvestmentYuan: 5, BelowInvestmentYuan: 30_000_000_000, MinFloorArea: 7, BelowFloorArea: 8},
		Principal: []string{"form"}, Secondary: []string{"map"}, Tolerable: []string{"study"},
		Tolerance: &city.Tolerance{MaxWorkdays: 3, Consequence: "refused", CertificateAtOnce: true}, Guards: "life",
		Promise: &city.Promise{Fulfil: 1, Check: 2, Fix: 3}, Procedures: []city.Procedure{"hearing", "test"},
		Certificate: &city.Certificate{Name: "证", NameEn: "Paper", Months: 12}, JointReview: true,
	}), &directoryv1.ApprovalItem{
		Code: "permit", DisplayName: "许可", DisplayNameEn: "Permit", Stage: "land", Unit: "zrj", Kind: "approval", Basis: "法",
		StatutoryWorkdays: 20, PromisedWorkdays: 9, ExtensionWorkdays: 10, After: []string{"a"}, Needs: []string{"b", "c"},
		When: &directoryv1.ItemCondition{Types: []string{"t"}, Lands: []string{"l"}, Hazards: []string{"h"}, Utilities: []string{"u"}, Investors: []string{"i"},
			MinInvestmentFen: 500, BelowInvestmentFen: 3_000_000_000_000, MinFloorArea: 7, BelowFloorArea: 8},
		Materials: []*directoryv1.ItemMaterial{{Material: "form", Principal: true}, {Material: "map"}, {Material: "study", Tolerable: true}},
		Tolerance: &directoryv1.Tolerance{MaxWorkdays: 3, Consequence: "refused", CertificateAtOnce: true},
		Promise:   &directoryv1.PromiseRule{FulfilWorkdays: 1, CheckWorkdays: 2, FixWorkdays: 3}, Procedures: []string{"hearing", "test"},
		Certificate: "证", CertificateEn: "Paper", CertificateMonths: 12, JointReview: true,
	})
	differ(t, item(city.Item{Code: "filing", Basis: "规定", Unconfirmed: true}), &directoryv1.ApprovalItem{
		Code: "filing", Basis: "规定（法定时限待本市确认 / statutory limit to be confirmed by the city）",
	})
}

func TestCatalogue(t *testing.T) {
	limit := func(n int) worktime.Limit { return worktime.Limit{Amount: n, Unit: worktime.Workdays} }
	c := &city.Catalogue{
		Stages:      []city.Stage{{Code: "utilities", Name: "报装", NameEn: "Utilities", LeadUnit: "cgj", Beside: true}},
		Materials:   []city.Material{{Code: "paper", Name: "证", NameEn: "Paper", Source: city.ResultSource, ResultOf: "permit", ValidityMonths: 6}},
		Choices:     []city.Choice{{Question: "type", Code: "plant", Name: "厂", NameEn: "Plant"}},
		LineSystems: []city.LineSystem{{Code: "sys", Name: "系统", NameEn: "System", Unit: "zjj", PublicKey: []byte("key")}},
		Rules: city.AgencyRules{Centres: []string{"zwj"}, AdmitLimit: limit(2), AssignLimit: limit(1), AcceptLimit: limit(5), OpinionLimit: limit(3),
			DeliverLimit: limit(10), WithdrawalLimit: limit(0), ExtensionLimit: limit(4), CommitmentReminders: []worktime.Limit{limit(3), limit(1)}, WarnPercent: 75,
			Procedures: []city.ProcedureLimit{{Procedure: "hearing", MaxWorkdays: 20}}, EntrustmentMonths: 24, StuckAfter: limit(6), TicketCategory: "02"},
	}
	want := &directoryv1.Catalogue{
		Stages:      []*directoryv1.ApprovalStage{{Code: "utilities", DisplayName: "报装", DisplayNameEn: "Utilities", LeadUnit: "cgj", Beside: true}},
		Materials:   []*directoryv1.MaterialType{{Code: "paper", DisplayName: "证", DisplayNameEn: "Paper", Source: "result", ResultOf: "permit", ValidityMonths: 6}},
		Choices:     []*directoryv1.Choice{{Question: "type", Code: "plant", DisplayName: "厂", DisplayNameEn: "Plant"}},
		LineSystems: []*directoryv1.LineSystem{{Code: "sys", DisplayName: "系统", DisplayNameEn: "System", Unit: "zjj", PublicKey: []byte("key")}},
		Rules: &directoryv1.AgencyRules{Centres: []string{"zwj"}, AdmitLimit: "2 workdays", AssignLimit: "1 workday", AcceptLimit: "5 workdays",
			OpinionLimit: "3 workdays", DeliverLimit: "10 workdays", WithdrawalLimit: "0 workdays", ExtensionLimit: "4 workdays",
			CommitmentReminders: []string{"3 workdays", "1 workday"}, WarnPercent: 75,
			Procedures: []*directoryv1.ProcedureLimit{{Procedure: "hearing", MaxWorkdays: 20}}, EntrustmentMonths: 24, StuckAfter: "6 workdays", TicketCategory: "02"},
	}
	differ(t, catalogue(c), want)
	c.Rules.CorrectLimit, want.Rules.CorrectLimit = limit(30), "30 workdays"
	differ(t, catalogue(c), want)
}

func TestPuyangsCatalogueArrives(t *testing.T) {
	c := puyang(t)
	config := Config(c, Version{Number: 1})
	if got := len(config.GetCatalogue().GetItems()); got != len(c.Catalogue.Items) || got < 40 {
		t.Errorf("%d items of %d", got, len(c.Catalogue.Items))
	}
	// What is written is read as it was: the services keep it as bytes.
	text, err := proto.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	back := &directoryv1.CityConfig{}
	if err := proto.Unmarshal(text, back); err != nil {
		t.Fatal(err)
	}
	differ(t, back, config)
	if everywhere := slices.ContainsFunc(config.GetCatalogue().GetItems(), func(i *directoryv1.ApprovalItem) bool { return i.GetWhen() == nil }); !everywhere {
		t.Error("every item has a condition")
	}
	c.Catalogue = nil
	if Config(c, Version{Number: 1}).GetCatalogue() != nil {
		t.Error("a city without an agency has a catalogue")
	}
}
