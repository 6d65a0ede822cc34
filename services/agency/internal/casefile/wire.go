package casefile

import (
	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
)

// planned reads what a plan carries.
func planned(b *agencyv1.CasePlanned) (items []catalogue.Item, materials []catalogue.Material, stages []catalogue.Stage) {
	for _, i := range b.GetItems() {
		items = append(items, catalogue.ItemOf(i))
	}
	for _, m := range b.GetMaterials() {
		materials = append(materials, catalogue.MaterialOf(m))
	}
	for _, s := range b.GetStages() {
		stages = append(stages, catalogue.StageOf(s))
	}
	return items, materials, stages
}

// AnswersOf reads the contract's answers.
func AnswersOf(a *agencyv1.Answers) catalogue.Answers {
	return catalogue.Answers{Type: a.GetType(), Land: a.GetLand(), Investor: a.GetInvestor(), Hazards: a.GetHazards(), Utilities: a.GetUtilities(),
		Investment: a.GetInvestmentFen(), FloorArea: int(a.GetFloorArea())}
}

// AnswersProto writes the contract's answers.
func AnswersProto(a catalogue.Answers) *agencyv1.Answers {
	return &agencyv1.Answers{Type: a.Type, Land: a.Land, Investor: a.Investor, Hazards: a.Hazards, Utilities: a.Utilities, InvestmentFen: a.Investment,
		FloorArea: int32(a.FloorArea)}
}
