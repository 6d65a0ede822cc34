package rpc

import (
	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// eventTexts say what happened, by the event's type, in the plain words an entrepreneur reads; said adds who, what and how much where that is in the event.
var eventTexts = map[string]fault.Text{
	"case_opened":                    {Zh: "提出代办申请", En: "The agency was asked to take the project on"},
	"case_admitted":                  {Zh: "列入市级代办", En: "The city takes the project on"},
	"case_declined":                  {Zh: "不列入市级代办", En: "The city does not take the project on"},
	"case_planned":                   {Zh: "生成审批事项清单和办理计划", En: "The list of approvals and their plan were made"},
	"case_completed":                 {Zh: "全部事项办结", En: "Every approval is there"},
	"case_reopened":                  {Zh: "有审批失效，代办件重新打开", En: "An approval fell away: the case is open again"},
	"case_closed":                    {Zh: "项目单位结束代办", En: "The enterprise ended the case"},
	"agreement_offered":              {Zh: "代办机构拟定委托协议，待项目单位签署", En: "A centre worded the agreement; the enterprise signs next"},
	"agreement_signed":               {Zh: "项目单位签署委托协议", En: "The enterprise signed the agreement"},
	"agreement_sealed":               {Zh: "代办机构盖章，委托生效", En: "A centre sealed the agreement: agents act from now on"},
	"agreement_terminated":           {Zh: "委托终止", En: "The entrustment ended"},
	"agent_assigned":                 {Zh: "确定代办员", En: "An agent was named"},
	"agent_released":                 {Zh: "代办员不再负责本件", En: "An agent no longer acts"},
	"agent_refused":                  {Zh: "推荐的代办员未采用", En: "A proposed agent was not taken"},
	"material_requested":             {Zh: "请项目单位提供材料", En: "The enterprise is asked for a document"},
	"document_added":                 {Zh: "上传文件", En: "A file was added"},
	"material_obtained":              {Zh: "通过数据共享取得材料，无须企业提供", En: "A document came from shared data: nobody is asked for it"},
	"item_submitted":                 {Zh: "提交申请，等待受理", En: "Handed in; the unit accepts next"},
	"item_accepted":                  {Zh: "窗口受理，开始计时", En: "Accepted: the limits run"},
	"item_taken_on":                  {Zh: "转审批部门办理", En: "Handed on to the department that decides"},
	"item_not_accepted":              {Zh: "不受理", En: "Not for this unit to accept"},
	"acceptance_refused":             {Zh: "不予受理", En: "Acceptance was refused"},
	"correction_requested":           {Zh: "一次性告知需要补正的材料，暂停计时", En: "All that is missing was said once; the limits stand still"},
	"correction_made":                {Zh: "材料已补正", En: "The documents were corrected"},
	"procedure_started":              {Zh: "进入特别程序，暂停计时", En: "A special procedure began; the limits stand still"},
	"procedure_ended":                {Zh: "特别程序结束，继续计时", En: "The special procedure ended; the limits go on"},
	"limit_extended":                 {Zh: "经单位负责人批准，法定时限延长", En: "The head of the unit extended the statutory limit"},
	"item_approved":                  {Zh: "批准", En: "Approved"},
	"item_refused":                   {Zh: "不予许可", En: "Refused"},
	"item_retracted":                 {Zh: "撤件，可以重新提交", En: "Taken back; it may be handed in again"},
	"withdrawal_requested":           {Zh: "申请撤回，等待单位确认", En: "The enterprise wants to withdraw; the unit confirms"},
	"withdrawal_declined":            {Zh: "不同意撤回，继续办理", En: "The withdrawal was declined; the review goes on"},
	"item_withdrawn":                 {Zh: "撤回，可以重新提交", En: "Withdrawn; it may be handed in again"},
	"item_revoked":                   {Zh: "撤销批准，证照失效", En: "The approval was revoked, and its certificate with it"},
	"item_confirmed":                 {Zh: "容缺材料已补齐，批准转为正式", En: "What was missing came: the approval is final"},
	"certificate_issued":             {Zh: "发证", En: "The certificate was issued"},
	"report_noted":                   {Zh: "部门系统补报（此前已办理）", En: "The department's system reported what had been done before"},
	"commitment_signed":              {Zh: "签署承诺", En: "A commitment was signed"},
	"commitment_kept":                {Zh: "承诺按期履行", En: "The commitment was kept"},
	"commitment_broken":              {Zh: "承诺逾期未履行，记入信用记录", En: "The commitment was broken and is in the credit record"},
	"commitment_released":            {Zh: "承诺不再需要履行", En: "The commitment fell away"},
	"commitment_extension_requested": {Zh: "因不可抗力申请承诺延期，等待答复，期限暂停", En: "More time was asked for force majeure; the date stands still until the answer"},
	"commitment_extension_decided":   {Zh: "承诺延期答复", En: "The wish for more time was decided"},
	"credit_repaired":                {Zh: "信用修复，可以再次承诺", En: "The credit record was repaired: commitments are possible again"},
	"promise_differs":                {Zh: "核查发现与承诺不符", En: "The check found something else than was promised"},
	"promise_reported":               {Zh: "项目单位报告已履行承诺，等待核查", En: "The enterprise reports the promise fulfilled; the unit checks it"},
	"joint_review_opened":            {Zh: "召集联合评审", En: "Units were called to a joint review"},
	"opinion_given":                  {Zh: "联合评审意见", En: "A unit gave its opinion in the joint review"},
	"joint_review_concluded":         {Zh: "联合评审结束", En: "The joint review was concluded"},
	"meeting_recorded":               {Zh: "登记一次会面", En: "A meeting was recorded"},
	"note_written":                   {Zh: "留言", En: "A note was written"},
	"ticket_linked":                  {Zh: "就本件提出诉求", En: "A ticket was filed about it"},
	"ticket_moved":                   {Zh: "有关诉求的状态变化", En: "A ticket about it moved"},
	"clock_warned":                   {Zh: "时限将至", En: "A deadline comes near"},
	"clock_reminded":                 {Zh: "提醒", En: "A reminder was given"},
	"clock_breached":                 {Zh: "超过时限", En: "A deadline passed"},
	"deadlines_recomputed":           {Zh: "节假日安排公布，重新计算时限", En: "Deadlines were counted anew under the official calendar"},
	"case_content_erased":            {Zh: "个人信息已删除", En: "Personal content was erased"},
}

// clockTexts name what is owed.
var clockTexts = map[casefile.Kind]fault.Text{
	casefile.KindAdmit:       {Zh: "答复代办申请", En: "The answer to the application"},
	casefile.KindAssign:      {Zh: "确定代办员", En: "Naming an agent"},
	casefile.KindRequest:     {Zh: "提供材料", En: "Supplying a document"},
	casefile.KindAccept:      {Zh: "受理或一次性告知", En: "Acceptance, or the one notice"},
	casefile.KindCorrect:     {Zh: "补正材料", En: "The correction"},
	casefile.KindStatutory:   {Zh: "法定办结时限", En: "The decision, by law"},
	casefile.KindPromised:    {Zh: "承诺办结时限", En: "The decision, as promised"},
	casefile.KindProcedure:   {Zh: "特别程序", En: "The special procedure"},
	casefile.KindOpinion:     {Zh: "联合评审意见", En: "An opinion in the joint review"},
	casefile.KindCommitment:  {Zh: "补齐容缺材料", En: "Supplying what was committed to"},
	casefile.KindDeliver:     {Zh: "送达证照", En: "Delivering the certificate"},
	casefile.KindWithdrawal:  {Zh: "答复撤回申请", En: "The answer to the wish to withdraw"},
	casefile.KindExtension:   {Zh: "答复延期申请", En: "The answer to the wish for more time"},
	casefile.KindFulfil:      {Zh: "履行告知承诺", En: "Fulfilling the promise"},
	casefile.KindCheck:       {Zh: "核查告知承诺", En: "Checking the promise"},
	casefile.KindEntrustment: {Zh: "委托期限", En: "The end of the entrustment"},
}

// causeTexts say why an attempt at an item ended where nobody wrote a reason.
var causeTexts = map[string]fault.Text{
	"enterprise":    {Zh: "项目单位撤回", En: "Taken back by the enterprise"},
	"not-corrected": {Zh: "逾期未补正", En: "Not corrected in time"},
	"dropped":       {Zh: "项目情况有变，不再需要", En: "Not needed any more: the project changed"},
	"silence":       {Zh: "单位逾期未答复，视为同意撤回", En: "The unit said nothing in time: the withdrawal is granted"},
	"commitment":    {Zh: "承诺逾期未履行", En: "What was committed to did not come in time"},
	"unchecked":     {Zh: "单位逾期未核查，视为已履行承诺", En: "The unit did not check in time: the promise counts as kept"},
	"promise":       {Zh: "与承诺不符", En: "The facts differ from what was promised"},
	"unit":          {Zh: "单位同意撤回", En: "The unit let it go"},
}

// planTexts say why the plan was made.
var planTexts = map[string]fault.Text{
	"opened":  {Zh: "生成审批事项清单和办理计划", En: "The list of approvals and their plan were made"},
	"answers": {Zh: "项目情况有变，重新生成审批事项清单和办理计划", En: "The project changed: the list of approvals and their plan were made anew"},
	"moved":   {Zh: "改按最新事项目录办理", En: "Planned anew by the newest catalogue"},
}

// endTexts say how an entrustment ended.
var endTexts = map[string]fault.Text{
	"enterprise": {Zh: "项目单位终止委托", En: "The enterprise ended the entrustment"},
	"centre":     {Zh: "代办机构终止委托", En: "A centre ended the entrustment"},
	"expired":    {Zh: "委托期限届满", En: "The entrustment ran out"},
	"closed":     {Zh: "代办结束，委托终止", En: "The case ended, and the entrustment with it"},
	"completed":  {Zh: "全部事项办结，委托终止", En: "Every approval is there: the entrustment ended"},
}

// agentTexts say why an agent begins or ends.
var agentTexts = map[string]fault.Text{
	"bound":        {Zh: "该企业或项目的代办员", En: "the agent of the enterprise or project"},
	"deputy":       {Zh: "代办员不在岗，由代理人负责", En: "the agent is away; the deputy acts"},
	"least-loaded": {Zh: "在办件数最少", En: "carries the least"},
	"chosen":       {Zh: "由代办机构指定", En: "chosen by the centre"},
	"handover":     {Zh: "工作移交", En: "work was handed over"},
	"leave":        {Zh: "休假", En: "on leave"},
	"dismissed":    {Zh: "离任", En: "no longer serves"},
	"terminated":   {Zh: "委托终止", En: "the entrustment ended"},
}

// procedureTexts name the special procedures.
var procedureTexts = map[string]fault.Text{
	catalogue.ProcedureHearing:    {Zh: "听证", En: "a hearing"},
	catalogue.ProcedureTest:       {Zh: "检验检测", En: "a test"},
	catalogue.ProcedureReview:     {Zh: "专家评审", En: "an expert review"},
	catalogue.ProcedurePublicity:  {Zh: "公示", En: "publicity"},
	catalogue.ProcedureInspection: {Zh: "现场踏勘", En: "an inspection"},
	catalogue.ProcedureBidding:    {Zh: "招标拍卖", En: "bidding"},
}

// purposeTexts say what a file is for.
var purposeTexts = map[string]fault.Text{
	casefile.PurposeMaterial:    {Zh: "申请材料", En: "a document"},
	casefile.PurposeAgreement:   {Zh: "委托协议", En: "the agreement"},
	casefile.PurposeCertificate: {Zh: "证照", En: "a certificate"},
	casefile.PurposeEvidence:    {Zh: "证明材料", En: "evidence"},
	casefile.PurposeNotice:      {Zh: "文书", En: "a notice"},
}

// consequenceTexts say what a broken commitment means.
var consequenceTexts = map[string]fault.Text{
	catalogue.ConsequenceWithdrawn: {Zh: "视为撤回申请", En: "the application counts as withdrawn"},
	catalogue.ConsequenceRefused:   {Zh: "不予许可", En: "the application is refused"},
	catalogue.ConsequenceRevoked:   {Zh: "撤销批准", En: "the approval is revoked"},
}

// kindTexts name what is signed.
var kindTexts = map[agencyv1.Commitment_Kind]fault.Text{
	agencyv1.Commitment_TOLERANCE: {Zh: "签署容缺受理承诺", En: "A commitment to supply what is missing was signed"},
	agencyv1.Commitment_PROMISE:   {Zh: "签署告知承诺", En: "A promise that the conditions are met was signed"},
}

// opinionTexts say what a unit thinks.
var opinionTexts = map[string]fault.Text{
	casefile.OpinionAgree:  {Zh: "同意", En: "agrees"},
	casefile.OpinionObject: {Zh: "有异议", En: "objects"},
	casefile.OpinionSilent: {Zh: "逾期未给出意见", En: "said nothing in time"},
}

// troubleTexts say what a ticket is for.
var troubleTexts = map[string]fault.Text{
	casefile.TroubleStuck:   {Zh: "办理停滞", En: "nothing moves"},
	casefile.TroubleRefused: {Zh: "未获批准", En: "it was refused"},
	casefile.TroubleOverdue: {Zh: "办理超期", En: "it is overdue"},
	casefile.TroubleOther:   {Zh: "其他问题", En: "something else"},
}

// originTexts say from when a limit counts; of an entrustment all of its rule.
var originTexts = map[casefile.Kind]fault.Text{
	casefile.KindAdmit:       {Zh: "提出代办申请", En: "the application"},
	casefile.KindAssign:      {Zh: "委托生效（或原代办员离开）", En: "the seal, or of an agent's leaving"},
	casefile.KindRequest:     {Zh: "代办员提出", En: "the agent's request"},
	casefile.KindAccept:      {Zh: "收到申请（或补正材料）", En: "receipt, or of the correction"},
	casefile.KindCorrect:     {Zh: "一次性告知", En: "the one notice"},
	casefile.KindStatutory:   {Zh: "受理", En: "acceptance"},
	casefile.KindPromised:    {Zh: "受理", En: "acceptance"},
	casefile.KindProcedure:   {Zh: "特别程序开始", En: "its beginning"},
	casefile.KindOpinion:     {Zh: "召集联合评审", En: "the call"},
	casefile.KindCommitment:  {Zh: "受理", En: "acceptance"},
	casefile.KindDeliver:     {Zh: "可以发证", En: "when it can be issued"},
	casefile.KindWithdrawal:  {Zh: "申请撤回", En: "the wish"},
	casefile.KindExtension:   {Zh: "申请延期", En: "the wish"},
	casefile.KindFulfil:      {Zh: "批准（或核查发现不符）", En: "the approval, or of the check that found otherwise"},
	casefile.KindCheck:       {Zh: "报告履行", En: "the report"},
	casefile.KindEntrustment: {Zh: "委托协议约定的日期", En: "The date agreed upon"},
}

// silenceTexts say what it means when a limit passes and nothing was said or done, where that is an answer.
var silenceTexts = map[casefile.Kind]fault.Text{
	casefile.KindAccept:     {Zh: "，逾期未答复视为受理", En: "; silence is acceptance"},
	casefile.KindCorrect:    {Zh: "，逾期未补正视为撤回", En: "; afterwards it counts as taken back"},
	casefile.KindOpinion:    {Zh: "，逾期视为无意见", En: "; silence is no opinion"},
	casefile.KindWithdrawal: {Zh: "，逾期未答复视为同意", En: "; silence grants it"},
}

// stepTexts say why time counted or did not.
var stepTexts = map[string]fault.Text{
	casefile.ReasonWork:     {Zh: "工作时间", En: "working time"},
	casefile.ReasonStartDay: {Zh: "起算当日，不计入", En: "the day it started, not counted"},
	casefile.ReasonLunch:    {Zh: "午休", En: "lunch break"},
	casefile.ReasonNight:    {Zh: "下班时间", En: "outside working hours"},
	casefile.ReasonWeekend:  {Zh: "周末", En: "weekend"},
	casefile.ReasonHoliday:  {Zh: "法定节假日", En: "public holiday"},
	casefile.ReasonMakeUp:   {Zh: "调休上班", En: "make-up workday"},
	casefile.ReasonNatural:  {Zh: "连续计时", En: "counted by the clock"},
	casefile.ReasonRolled:   {Zh: "非工作时间，顺延", En: "outside working time, rolled over"},
	casefile.StopCorrection: {Zh: "项目单位补正材料，暂停计时", En: "stands still: the enterprise corrects"},
	casefile.StopMoreTime:   {Zh: "等待答复延期申请，暂停计时", En: "stands still: the wish for more time waits for its answer"},
}
