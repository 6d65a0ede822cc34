package cataloguetest

import (
	"slices"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
)

// The stages.
const (
	Land         = "land"
	Design       = "design"
	Construction = "construction"
	Completion   = "completion"
	Utilities    = "utilities" // beside the four
)

// The items, in the order of the catalogue.
const (
	Filing       = "filing"        // the county's, of domestic investors: nothing tolerated, nothing promised
	Verification = "verification"  // a centre's own, of foreign investors who invest much
	SiteOpinion  = "site-opinion"  // after either of those; a certificate that ends
	LandPermit   = "land-permit"   // its site opinion is a result
	EcologyRule  = "ecology"       // of hazardous projects: neither tolerated nor promised, with special procedures
	SoilPlan     = "soil-plan"     // on a promise that is revoked at once; of projects that are not large
	SitePermit   = "site-permit"   // tolerant: withdrawn when overdue; reviewed jointly
	CivilDefence = "civil-defence" // tolerant: refused when overdue; of large floor areas
	FireReview   = "fire-review"   // beside SitePermit
	BuildPermit  = "build-permit"  // needs FireReview; tolerant, with the certificate at once; of a division
	Drainage     = "drainage"      // the county's, on a promise with time to put things right
	Acceptance   = "acceptance"    // after BuildPermit
	Registration = "registration"  // the last of the four stages
	WaterSupply  = "water-supply"  // of those who asked for water
)

// The kinds of documents.
const (
	Form        = "form"        // self-written
	Licence     = "licence"     // shared
	SitePlan    = "site-plan"   // the applicant's, valid for 12 months
	Drawings    = "drawings"    // the applicant's
	Survey      = "survey"      // the applicant's, mostly secondary
	Contract    = "contract"    // the applicant's, mostly secondary
	Report      = "report"      // the applicant's
	Feasibility = "feasibility" // filed at an earlier stage
	Opinion     = "opinion"     // result of SiteOpinion
	LandPaper   = "land-paper"  // result of LandPermit
	SitePaper   = "site-paper"  // result of SitePermit
	FirePaper   = "fire-paper"  // result of FireReview
	BuildPaper  = "build-paper" // result of BuildPermit
)

// System is the code of a department's own system, which speaks for Housing.
const System = "housing-system"

// Plant is a project that most items apply to: an industrial one in Hualong, on transferred land, with an environmental report and a water main.
func Plant() catalogue.Answers {
	return catalogue.Answers{
		Type: "industrial", Land: "transferred", Investor: "domestic", Hazards: []string{"env-report", "water-soil"}, Utilities: []string{"water"},
		Investment: 50_000_000_00, FloorArea: 12_000,
	}
}

// Shop is a project that few items apply to: a small one on land that is owned already.
func Shop() catalogue.Answers {
	return catalogue.Answers{Type: "small-low-risk", Land: "owned", Investor: "domestic", Investment: 2_000_000_00, FloorArea: 800}
}

// Item finds an item in a configuration that a test changes. It panics when there is none.
func Item(c *directoryv1.CityConfig, code string) *directoryv1.ApprovalItem {
	items := c.GetCatalogue().GetItems()
	return items[slices.IndexFunc(items, func(i *directoryv1.ApprovalItem) bool { return i.GetCode() == code })]
}

func approvals() *directoryv1.Catalogue {
	return &directoryv1.Catalogue{
		Stages: []*directoryv1.ApprovalStage{
			{Code: Land, DisplayName: "立项用地规划许可", DisplayNameEn: "Project and land", LeadUnit: Planning},
			{Code: Design, DisplayName: "工程建设许可", DisplayNameEn: "Design", LeadUnit: Planning},
			{Code: Construction, DisplayName: "施工许可", DisplayNameEn: "Construction", LeadUnit: Housing},
			{Code: Completion, DisplayName: "竣工验收", DisplayNameEn: "Completion", LeadUnit: Housing},
			{Code: Utilities, DisplayName: "市政公用报装", DisplayNameEn: "Utilities", LeadUnit: Housing, Beside: true},
		},
		Items: items(), Materials: materials(), Choices: choices(),
		LineSystems: []*directoryv1.LineSystem{
			{Code: System, DisplayName: "住建审批系统", DisplayNameEn: "Housing's approval system", Unit: Housing, PublicKey: PublicKey()},
		},
		Rules: &directoryv1.AgencyRules{
			Centres:    []string{Approvals, Investment},
			AdmitLimit: "2 workdays", AssignLimit: "1 workday", AcceptLimit: "5 workdays", CorrectLimit: "30 workdays", OpinionLimit: "3 workdays",
			DeliverLimit: "10 workdays", WithdrawalLimit: "2 workdays", ExtensionLimit: "2 workdays",
			CommitmentReminders: []string{"2 workdays", "1 workday"}, WarnPercent: 80,
			Procedures: []*directoryv1.ProcedureLimit{
				{Procedure: catalogue.ProcedureHearing, MaxWorkdays: 20}, {Procedure: catalogue.ProcedureTest, MaxWorkdays: 30},
				{Procedure: catalogue.ProcedureReview, MaxWorkdays: 30}, {Procedure: catalogue.ProcedurePublicity, MaxWorkdays: 10},
				{Procedure: catalogue.ProcedureInspection, MaxWorkdays: 10}, {Procedure: catalogue.ProcedureBidding, MaxWorkdays: 60},
			},
			EntrustmentMonths: 24, StuckAfter: "5 workdays", TicketCategory: "02",
		},
	}
}

func items() []*directoryv1.ApprovalItem {
	principal := func(codes ...string) (list []*directoryv1.ItemMaterial) {
		for _, code := range codes {
			list = append(list, &directoryv1.ItemMaterial{Material: code, Principal: true})
		}
		return list
	}
	later := func(codes ...string) (list []*directoryv1.ItemMaterial) {
		for _, code := range codes {
			list = append(list, &directoryv1.ItemMaterial{Material: code, Tolerable: true})
		}
		return list
	}
	return []*directoryv1.ApprovalItem{
		{
			Code: Filing, DisplayName: "企业投资项目备案", DisplayNameEn: "Filing of the project", Stage: Land, Kind: catalogue.KindFiling,
			Basis: "企业投资项目核准和备案管理条例", StatutoryWorkdays: 5, PromisedWorkdays: 1,
			When: &directoryv1.ItemCondition{Investors: []string{"domestic"}}, Materials: principal(Form, Licence),
			Certificate: "项目备案证明", CertificateEn: "Proof of filing",
		},
		{
			Code: Verification, DisplayName: "外商投资项目核准", DisplayNameEn: "Verification of foreign investment", Stage: Land, Unit: Approvals,
			Kind: catalogue.KindVerification, StatutoryWorkdays: 20, PromisedWorkdays: 10, ExtensionWorkdays: 10,
			When:      &directoryv1.ItemCondition{Investors: []string{"foreign"}, MinInvestmentFen: 100_000_000_00},
			Materials: principal(Form, Licence, Feasibility), Procedures: []string{catalogue.ProcedureReview},
		},
		{
			Code: SiteOpinion, DisplayName: "用地预审与选址意见书", DisplayNameEn: "Site opinion", Stage: Land, Unit: Planning, Kind: catalogue.KindApproval,
			StatutoryWorkdays: 20, PromisedWorkdays: 10, ExtensionWorkdays: 10, After: []string{Filing, Verification},
			When:      &directoryv1.ItemCondition{Lands: []string{"allocated", "transferred"}},
			Materials: principal(Form, SitePlan), Procedures: []string{catalogue.ProcedureReview, catalogue.ProcedureHearing},
			Certificate: "选址意见书", CertificateEn: "Site opinion", CertificateMonths: 36,
		},
		{
			Code: LandPermit, DisplayName: "建设用地规划许可证", DisplayNameEn: "Land permit", Stage: Land, Unit: Planning, Kind: catalogue.KindApproval,
			StatutoryWorkdays: 20, PromisedWorkdays: 5, ExtensionWorkdays: 10, After: []string{SiteOpinion},
			When:      &directoryv1.ItemCondition{Lands: []string{"allocated", "transferred"}},
			Materials: principal(Form, Opinion), Certificate: "建设用地规划许可证", CertificateEn: "Land permit",
		},
		{
			Code: EcologyRule, DisplayName: "环境影响评价审批", DisplayNameEn: "Environmental approval", Stage: Land, Unit: Ecology, Kind: catalogue.KindApproval,
			StatutoryWorkdays: 60, PromisedWorkdays: 20, After: []string{Filing, Verification},
			When:      &directoryv1.ItemCondition{Hazards: []string{"env-report", "env-table"}},
			Materials: principal(Form, Report), Procedures: []string{catalogue.ProcedureReview, catalogue.ProcedurePublicity, catalogue.ProcedureHearing},
		},
		{
			Code: SoilPlan, DisplayName: "水土保持方案审批", DisplayNameEn: "Soil conservation", Stage: Land, Unit: Approvals, Kind: catalogue.KindApproval,
			StatutoryWorkdays: 10, PromisedWorkdays: 5, After: []string{Filing, Verification},
			When:      &directoryv1.ItemCondition{Hazards: []string{"water-soil"}, BelowInvestmentFen: 1_000_000_000_00, BelowFloorArea: 100_000},
			Materials: principal(Form, Report), Promise: &directoryv1.PromiseRule{FulfilWorkdays: 10, CheckWorkdays: 5},
		},
		{
			Code: SitePermit, DisplayName: "建设工程规划许可证", DisplayNameEn: "Site permit", Stage: Design, Unit: Planning, Kind: catalogue.KindApproval,
			StatutoryWorkdays: 20, PromisedWorkdays: 10, ExtensionWorkdays: 10, After: []string{Filing, Verification, LandPermit},
			Materials:  slices.Concat(principal(Form, LandPaper, Drawings), later(Survey, Contract)),
			Tolerance:  &directoryv1.Tolerance{MaxWorkdays: 5, Consequence: catalogue.ConsequenceWithdrawn},
			Procedures: []string{catalogue.ProcedurePublicity}, Certificate: "建设工程规划许可证", CertificateEn: "Site permit", CertificateMonths: 12, JointReview: true,
		},
		{
			Code: CivilDefence, DisplayName: "人防工程建设审批", DisplayNameEn: "Civil defence", Stage: Design, Unit: Housing, Kind: catalogue.KindApproval,
			StatutoryWorkdays: 20, PromisedWorkdays: 8, After: []string{Filing, Verification, LandPermit},
			When:      &directoryv1.ItemCondition{MinFloorArea: 2_000},
			Materials: slices.Concat(principal(Form, Drawings), later(Survey)),
			Tolerance: &directoryv1.Tolerance{Consequence: catalogue.ConsequenceRefused},
		},
		{
			Code: FireReview, DisplayName: "消防设计审查", DisplayNameEn: "Fire safety review", Stage: Construction, Unit: Housing, Kind: catalogue.KindApproval,
			StatutoryWorkdays: 15, PromisedWorkdays: 7, After: []string{Filing, Verification, LandPermit},
			When:      &directoryv1.ItemCondition{Types: []string{"industrial", "commercial", "housing"}},
			Materials: principal(Form, Drawings), Procedures: []string{catalogue.ProcedureReview, catalogue.ProcedureTest},
		},
		{
			Code: BuildPermit, DisplayName: "建筑工程施工许可证", DisplayNameEn: "Construction permit", Stage: Construction, Unit: Permits, Kind: catalogue.KindApproval,
			StatutoryWorkdays: 7, PromisedWorkdays: 3, After: []string{SitePermit, CivilDefence}, Needs: []string{FireReview},
			Materials:   slices.Concat(principal(Form, SitePaper), later(Contract)),
			Tolerance:   &directoryv1.Tolerance{MaxWorkdays: 3, Consequence: catalogue.ConsequenceWithdrawn, CertificateAtOnce: true},
			Certificate: "建筑工程施工许可证", CertificateEn: "Construction permit",
		},
		{
			Code: Drainage, DisplayName: "污水排入排水管网许可", DisplayNameEn: "Drainage permit", Stage: Construction, Kind: catalogue.KindApproval,
			StatutoryWorkdays: 20, PromisedWorkdays: 5, After: []string{SitePermit},
			When:      &directoryv1.ItemCondition{Types: []string{"industrial", "commercial"}},
			Materials: slices.Concat(principal(Form), later(Survey)),
			Tolerance: &directoryv1.Tolerance{MaxWorkdays: 5, Consequence: catalogue.ConsequenceRefused},
			Promise:   &directoryv1.PromiseRule{FulfilWorkdays: 20, CheckWorkdays: 10, FixWorkdays: 5}, Certificate: "排水许可证", CertificateEn: "Drainage permit", CertificateMonths: 60,
		},
		{
			Code: Acceptance, DisplayName: "联合验收", DisplayNameEn: "Joint acceptance", Stage: Completion, Unit: Housing, Kind: catalogue.KindApproval,
			StatutoryWorkdays: 15, PromisedWorkdays: 7, After: []string{BuildPermit},
			Materials: principal(Form, BuildPaper, FirePaper, Drawings), Procedures: []string{catalogue.ProcedureInspection}, JointReview: true,
		},
		{
			Code: Registration, DisplayName: "不动产首次登记", DisplayNameEn: "Registration", Stage: Completion, Unit: Planning, Kind: catalogue.KindFiling,
			StatutoryWorkdays: 20, PromisedWorkdays: 2, After: []string{Acceptance}, Materials: principal(Form, SitePaper),
			Certificate: "不动产权证书", CertificateEn: "Title deed",
		},
		{
			Code: WaterSupply, DisplayName: "供水报装", DisplayNameEn: "Water connection", Stage: Utilities, Unit: Water, Kind: catalogue.KindUtility,
			StatutoryWorkdays: 5, PromisedWorkdays: 3, After: []string{SitePermit},
			When: &directoryv1.ItemCondition{Utilities: []string{"water"}}, Materials: principal(Form, Licence),
		},
	}
}

func materials() []*directoryv1.MaterialType {
	material := func(code, zh, en, source, resultOf string, months int32) *directoryv1.MaterialType {
		return &directoryv1.MaterialType{Code: code, DisplayName: zh, DisplayNameEn: en, Source: source, ResultOf: resultOf, ValidityMonths: months}
	}
	return []*directoryv1.MaterialType{
		material(Form, "申请表", "Application form", catalogue.SourceSelf, "", 0),
		material(Licence, "营业执照", "Business licence", catalogue.SourceShared, "", 0),
		material(SitePlan, "勘测定界图", "Site plan", catalogue.SourceApplicant, "", 12),
		material(Drawings, "设计图纸", "Drawings", catalogue.SourceApplicant, "", 0),
		material(Survey, "测绘报告", "Survey", catalogue.SourceApplicant, "", 24),
		material(Contract, "合同", "Contract", catalogue.SourceApplicant, "", 0),
		material(Report, "评价报告", "Assessment report", catalogue.SourceApplicant, "", 0),
		material(Feasibility, "可行性研究报告", "Feasibility study", catalogue.SourceEarlier, "", 0),
		material(Opinion, "选址意见书", "Site opinion", catalogue.SourceResult, SiteOpinion, 36),
		material(LandPaper, "建设用地规划许可证", "Land permit", catalogue.SourceResult, LandPermit, 0),
		material(SitePaper, "建设工程规划许可证", "Site permit", catalogue.SourceResult, SitePermit, 12),
		material(FirePaper, "消防设计审查意见书", "Fire safety opinion", catalogue.SourceResult, FireReview, 0),
		material(BuildPaper, "建筑工程施工许可证", "Construction permit", catalogue.SourceResult, BuildPermit, 0),
	}
}

func choices() []*directoryv1.Choice {
	choice := func(question, code, zh, en string) *directoryv1.Choice {
		return &directoryv1.Choice{Question: question, Code: code, DisplayName: zh, DisplayNameEn: en}
	}
	return []*directoryv1.Choice{
		choice(catalogue.QuestionType, "industrial", "工业", "Industrial"),
		choice(catalogue.QuestionType, "commercial", "商业", "Commercial"),
		choice(catalogue.QuestionType, "housing", "住宅", "Housing"),
		choice(catalogue.QuestionType, "small-low-risk", "小型低风险", "Small and of low risk"),
		choice(catalogue.QuestionLand, "allocated", "划拨", "Allocated"),
		choice(catalogue.QuestionLand, "transferred", "出让", "Transferred"),
		choice(catalogue.QuestionLand, "owned", "已有用地", "Owned"),
		choice(catalogue.QuestionHazard, "env-report", "环评报告书", "Environmental report"),
		choice(catalogue.QuestionHazard, "env-table", "环评报告表", "Environmental table"),
		choice(catalogue.QuestionHazard, "water-soil", "水土流失", "Soil erosion"),
		choice(catalogue.QuestionUtility, "water", "供水", "Water"),
		choice(catalogue.QuestionUtility, "power", "供电", "Power"),
		choice(catalogue.QuestionInvestor, "domestic", "内资", "Domestic"),
		choice(catalogue.QuestionInvestor, "foreign", "外资", "Foreign"),
	}
}
