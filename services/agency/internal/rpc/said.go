package rpc

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// told is what a reader of the history is told of an event: of which item, what happened, and what was written about it.
func (s *shown) told(e casefile.Event, about subject) string {
	said := s.said(e)
	if about.item != "" {
		said = s.itemName(s.Case.Item(about.item)) + s.Pick("：", ": ") + said
	}
	if more := s.written(e.Body, about); more != "" {
		said += s.Pick("：", ": ") + more
	}
	return said
}

// written is what people wrote with an event, where it is for the reader. The words of what is signed are not repeated here.
func (s *shown) written(body proto.Message, about subject) string {
	_, note := body.(*agencyv1.NoteWritten)
	if about == (subject{}) && !s.Sight.All && !note {
		return "" // about the case as a whole
	}
	var all []string
	add := func(before, id string) {
		if t := s.text(id); t != "" {
			all = append(all, before+t)
		}
	}
	switch b := body.(type) {
	case *agencyv1.AgreementOffered, *agencyv1.CommitmentSigned:
		return ""
	case *agencyv1.CorrectionRequested:
		return s.deficiencies(b)
	case *agencyv1.ProcedureStarted:
		add("", b.GetNotice())
	case *agencyv1.ItemApproved:
		add("", b.GetConditions())
	default:
		if b, ok := body.(interface{ GetReason() string }); ok {
			add("", b.GetReason())
		}
		if b, ok := body.(interface{ GetRemedy() string }); ok {
			add(s.Pick("救济途径：", "What can be done: "), b.GetRemedy())
		}
		if b, ok := body.(interface{ GetText() string }); ok {
			add("", b.GetText())
		}
	}
	return strings.Join(all, "\n")
}

func (s *shown) deficiencies(b *agencyv1.CorrectionRequested) string {
	var all []string
	for n, m := range b.GetMaterials() {
		said := s.quoted(m)
		if t := s.text(b.GetTexts()[n]); t != "" {
			said += s.Pick("，", ", ") + t
		}
		all = append(all, said)
	}
	if note := s.text(b.GetNote()); note != "" {
		all = append(all, note)
	}
	return strings.Join(all, "\n")
}

// said is what happened, in a sentence.
func (s *shown) said(e casefile.Event) string {
	said := s.Say(eventTexts[e.Type()])
	for _, more := range []func(casefile.Event) string{s.saidOfCase, s.saidOfAgents, s.saidOfMaterial, s.saidOfItem, s.saidOfEnd, s.saidOfCommitment, s.saidAside} {
		if special := more(e); special != "" {
			return special
		}
	}
	return said
}

func (s *shown) saidOfCase(e casefile.Event) string {
	switch b := e.Body.(type) {
	case *agencyv1.CaseAdmitted:
		if b.GetByRule() {
			return s.Pick("符合条件，自动列入市级代办", "The city takes the project on: the rule itself says so")
		}
	case *agencyv1.CasePlanned:
		n := len(b.GetItems())
		return s.Say(planTexts[b.GetCause()]) + s.Pick(fmt.Sprintf("，共%d项", n), ": "+counted(n, "approval"))
	case *agencyv1.CaseCompleted:
		used, saved := int(b.GetWorkdays()), int(b.GetSavedWorkdays())
		said := s.Pick(fmt.Sprintf("全部事项办结，用时%d个工作日", used), "Every approval is there, after "+counted(used, "workday"))
		if saved > 0 {
			said += s.Pick(fmt.Sprintf("，比法定时限少%d个工作日", saved), ", "+strconv.Itoa(saved)+" fewer than the law gives")
		}
		return said
	case *agencyv1.AgreementSigned:
		if a := s.Case.Agreements[b.GetNumber()-1]; a.Paper && b.GetDocument() == "" {
			return s.Pick("项目单位签署委托协议，还须上传签字盖章的纸质件", "The enterprise signed the agreement; the signed paper is still wanted")
		}
	case *agencyv1.AgreementTerminated:
		return s.Say(endTexts[b.GetCause()])
	}
	return ""
}

func (s *shown) saidOfAgents(e casefile.Event) string {
	who := func(official, centre string) string {
		o, _ := findOfficial(s.City, official, e.Time)
		return o.DisplayName + s.Pick("（", " (") + s.unitName(centre, e.Time) + s.Pick("）", ")")
	}
	switch b := e.Body.(type) {
	case *agencyv1.AgentAssigned:
		return s.Pick("代办员：", "Agent: ") + who(b.GetOfficial(), b.GetCentre()) + s.Pick("，", ", ") + s.Say(agentTexts[b.GetReason()])
	case *agencyv1.AgentReleased:
		return s.Pick("代办员不再负责本件：", "No longer the agent: ") + who(b.GetOfficial(), b.GetCentre()) + s.Pick("，", ", ") + s.Say(agentTexts[b.GetReason()])
	case *agencyv1.AgentRefused:
		if b.GetOfficial() == "" {
			return s.Pick("暂无可派的代办员，由代办机构指定：", "Nobody is free; the centre names an agent: ") + s.unitName(b.GetCentre(), e.Time)
		}
	}
	return ""
}

func (s *shown) quoted(material string) string {
	if s.Language {
		return s.materialName(material)
	}
	return "《" + s.materialName(material) + "》"
}

func (s *shown) saidOfMaterial(e casefile.Event) string {
	switch b := e.Body.(type) {
	case *agencyv1.MaterialRequested:
		return s.Pick("请项目单位提供", "The enterprise is asked for: ") + s.quoted(b.GetMaterial())
	case *agencyv1.MaterialObtained:
		return s.Pick("通过数据共享取得"+s.quoted(b.GetMaterial())+"，无须企业提供", s.quoted(b.GetMaterial())+" came from shared data: nobody is asked for it")
	case *agencyv1.DocumentAdded:
		if b.GetMaterial() == "" {
			return s.Pick("上传文件：", "A file was added: ") + s.Say(purposeTexts[b.GetPurpose()])
		}
		return s.Pick(fmt.Sprintf("上传材料%s（第%d版）", s.quoted(b.GetMaterial()), b.GetVersion()),
			fmt.Sprintf("A document was uploaded: %s (version %d)", s.quoted(b.GetMaterial()), b.GetVersion()))
	}
	return ""
}

func (s *shown) saidOfItem(e casefile.Event) string {
	switch b := e.Body.(type) {
	case *agencyv1.ItemSubmitted:
		if b.GetOnPromise() {
			return s.Pick("以告知承诺方式提交申请，等待办理", "Handed in on a promise; the unit approves next")
		}
		if n := b.GetAttempt(); n > 1 {
			return s.Pick(fmt.Sprintf("第%d次提交申请，等待受理", n), fmt.Sprintf("Handed in for the %s time; the unit accepts next", ordinal(int(n))))
		}
	case *agencyv1.ItemAccepted:
		switch {
		case b.GetDeemed():
			return s.Pick("单位逾期未答复，视为自收到申请之日起受理", "The unit said nothing in time: it counts as accepted from the day it was received")
		case b.GetCommitment() > 0:
			return s.Pick("容缺受理，开始计时，缺少的材料按承诺补齐", "Accepted upon the commitment: the limits run, and what is missing follows")
		}
	case *agencyv1.ItemNotAccepted:
		if b.GetNotNeeded() {
			return s.Pick("不需要办理这项审批", "The project needs no such approval")
		}
	case *agencyv1.ProcedureStarted:
		return s.Pick("进入特别程序（"+s.Say(procedureTexts[b.GetProcedure()])+"），暂停计时，最迟至"+s.instant(b.GetUntilTime().AsTime()),
			"The limits stand still for "+s.Say(procedureTexts[b.GetProcedure()])+", until "+s.instant(b.GetUntilTime().AsTime())+" at the latest")
	case *agencyv1.ProcedureEnded:
		if b.GetCause() == "bound" {
			return s.Pick("特别程序期限届满，继续计时", "The special procedure's time is over; the limits go on")
		}
	case *agencyv1.LimitExtended:
		n := int(b.GetWorkdays())
		return s.Pick(fmt.Sprintf("经单位负责人批准，法定时限延长%d个工作日", n), "The head of the unit extended the statutory limit by "+counted(n, "workday"))
	}
	return ""
}

// saidOfEnd is of how an attempt ends.
func (s *shown) saidOfEnd(e casefile.Event) string {
	caused := func(cause string) string {
		if cause == "unit" || cause == "enterprise" {
			return "" // who did it says so
		}
		return s.Say(eventTexts[e.Type()]) + s.Pick("（", " (") + s.Say(causeTexts[cause]) + s.Pick("）", ")")
	}
	switch b := e.Body.(type) {
	case *agencyv1.ItemApproved:
		switch {
		case b.GetTolerantly():
			return s.Pick("容缺通过，缺少的材料补齐后转为正式", "Approved while something is missing; final once it has come")
		case b.GetOnPromise():
			return s.Pick("凭承诺当场批准", "Approved on the promise")
		}
		n := int(b.GetWorkdays())
		return s.Pick(fmt.Sprintf("批准，用时%d个工作日", n), "Approved, after "+counted(n, "workday"))
	case *agencyv1.ItemRefused:
		return caused(b.GetCause())
	case *agencyv1.ItemRetracted:
		return caused(b.GetCause())
	case *agencyv1.ItemWithdrawn:
		return caused(b.GetCause())
	case *agencyv1.ItemRevoked:
		return caused(b.GetCause())
	case *agencyv1.CertificateIssued:
		def := s.Case.Item(b.GetItem()).Def
		return s.Pick("发证：《"+def.Certificate+"》"+b.GetNumber(), "The certificate was issued: "+s.Pick(def.Certificate, def.CertificateEn)+" "+b.GetNumber())
	}
	return ""
}

func (s *shown) saidOfCommitment(e casefile.Event) string {
	switch b := e.Body.(type) {
	case *agencyv1.CommitmentSigned:
		said := s.Say(kindTexts[b.GetKind()])
		if names := s.listed(b.GetMaterials()); names != "" {
			said += s.Pick(fmt.Sprintf("：受理之日起%d个工作日内补齐", b.GetWorkdays()), ": within "+counted(int(b.GetWorkdays()), "workday")+" of acceptance, ") + names
		}
		return said
	case *agencyv1.CommitmentKept:
		if b.GetCause() != "" {
			return s.Say(causeTexts[b.GetCause()])
		}
	case *agencyv1.CommitmentBroken:
		return s.Say(eventTexts[e.Type()]) + s.Pick("，", "; ") + s.Say(consequenceTexts[b.GetConsequence()])
	case *agencyv1.CommitmentExtensionRequested:
		n := int(b.GetWorkdays())
		return s.Pick(fmt.Sprintf("因不可抗力申请延期%d个工作日，等待答复，期限暂停", n),
			"For force majeure "+counted(n, "workday")+" more were asked for; the date stands still until the answer")
	case *agencyv1.CommitmentExtensionDecided:
		if b.GetGranted() {
			return s.Pick("同意承诺延期", "More time was granted")
		}
		return s.Pick("不同意承诺延期", "More time was refused")
	}
	return ""
}

func (s *shown) listed(materials []string) string {
	all := make([]string, len(materials))
	for n, m := range materials {
		all[n] = s.quoted(m)
	}
	return strings.Join(all, s.Pick("、", ", "))
}

func (s *shown) saidAside(e casefile.Event) string {
	switch b := e.Body.(type) {
	case *agencyv1.JointReviewOpened:
		var names []string
		for _, code := range b.GetItems() {
			names = append(names, s.itemName(s.Case.Item(code)))
		}
		return s.unitName(b.GetLeadUnit(), e.Time) + s.Pick("召集联合评审：", " called units to a joint review: ") + strings.Join(names, s.Pick("、", ", "))
	case *agencyv1.OpinionGiven:
		return s.Pick("联合评审意见：", "Joint review: ") + s.unitName(b.GetUnit(), e.Time) + s.Pick("，", " ") + s.Say(opinionTexts[b.GetOpinion()])
	case *agencyv1.MeetingRecorded:
		return s.Pick("登记一次会面（", "A meeting was recorded (") + s.instant(b.GetMeetingTime().AsTime()) + s.Pick("）", ")")
	case *agencyv1.TicketLinked:
		return s.Pick("提出诉求"+b.GetNumber()+"（", "Ticket "+b.GetNumber()+" was filed (") + s.Say(troubleTexts[b.GetReason()]) + s.Pick("）", ")")
	case *agencyv1.TicketMoved:
		if b.GetOpen() {
			return s.Pick("有关诉求重新办理", "A ticket about it is open again")
		}
		return s.Pick("有关诉求已结案", "A ticket about it was closed")
	case interface{ GetClock() int32 }:
		return s.Say(eventTexts[e.Type()]) + s.Pick("：", ": ") + s.clockName(&s.Case.Clocks[b.GetClock()-1])
	}
	return ""
}

// clockName is what a clock is about, and whose opinion or which document is awaited.
func (s *shown) clockName(k *casefile.Clock) string {
	said := s.Say(clockTexts[k.Kind])
	switch k.Kind {
	case casefile.KindOpinion:
		return said + s.Pick("，", ", ") + s.unitName(k.Unit, k.Start)
	case casefile.KindRequest:
		return said + s.Pick("，", ", ") + s.quoted(s.Case.Requests[k.Number-1].Material)
	default:
		return said
	}
}

// instant is a time as people say it, in the city's zone.
func (s *shown) instant(t time.Time) string {
	return t.In(worktime.Zone).Format(s.Pick("2006年1月2日 15:04", "2 January 2006 15:04"))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

func ordinal(n int) string {
	switch n {
	case 2:
		return "second"
	case 3:
		return "third"
	default:
		return strconv.Itoa(n) + "th"
	}
}
