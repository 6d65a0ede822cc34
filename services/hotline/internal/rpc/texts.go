package rpc

import (
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// routingTexts say why a ticket has its holder.
var routingTexts = map[string]fault.Text{
	"project-attendant":    {Zh: "由该项目的首席服务员承办", En: "Handled by the project's chief attendant"},
	"enterprise-attendant": {Zh: "由该企业的首席服务员承办", En: "Handled by the enterprise's chief attendant"},
	"deputy":               {Zh: "首席服务员不在岗，由其代理人承办", En: "The chief attendant is away; handled by the deputy"},
	"least-loaded":         {Zh: "企业尚未绑定首席服务员，由主管单位在办件数最少的工作人员承办", En: "Nobody is bound to the enterprise; handled by the least loaded official of the unit in charge"},
	"dispatcher":           {Zh: "由派单员指定", En: "Chosen by a dispatcher"},
}

// reasonTexts say what a stretch of time counted for.
var reasonTexts = map[string]fault.Text{
	ticket.ReasonWork:     {Zh: "工作时间", En: "Working time"},
	ticket.ReasonStartDay: {Zh: "起算当日不计入", En: "The day it started is not counted"},
	ticket.ReasonLunch:    {Zh: "午休", En: "Lunch break"},
	ticket.ReasonNight:    {Zh: "非工作时间", En: "Outside working hours"},
	ticket.ReasonWeekend:  {Zh: "周末", En: "Weekend"},
	ticket.ReasonHoliday:  {Zh: "法定节假日", En: "Public holiday"},
	ticket.ReasonMakeUp:   {Zh: "调休上班", En: "Make-up workday"},
	ticket.ReasonPaused:   {Zh: "等待诉求人补充情况，暂停计时", En: "Paused while the filer is asked"},
	ticket.ReasonRolled:   {Zh: "到期时不在工作时间，顺延", En: "Due outside working hours: moved on"},
	ticket.ReasonNatural:  {Zh: "自然时间", En: "Natural time"},
}

// unitTexts are the units of a limit in Chinese; in English a limit is written as the city wrote it.
var unitTexts = map[worktime.Unit]string{
	worktime.WorkingMinutes: "个工作分钟",
	worktime.Workdays:       "个工作日",
	worktime.NaturalHours:   "小时",
	worktime.NaturalDays:    "个自然日",
}

// clockTexts name the kinds of clock.
var clockTexts = map[ticket.Kind]fault.Text{
	ticket.KindDispatch: {Zh: "派单", En: "Dispatch"},
	ticket.KindSign:     {Zh: "签收", En: "Signature"},
	ticket.KindContact:  {Zh: "首次联系", En: "First contact"},
	ticket.KindAnswer:   {Zh: "办结答复", En: "Answer"},
	ticket.KindVerify:   {Zh: "评价", En: "Verification"},
}

// closeTexts say why a ticket is closed.
var closeTexts = map[ticket.CloseReason]fault.Text{
	ticket.ClosedVerified:   {Zh: "诉求人确认，结案", En: "Closed on the filer's word"},
	ticket.ClosedUnverified: {Zh: "提醒后未评价，自动结案", En: "Closed: no word from the filer after the reminders"},
	ticket.ClosedWithdrawn:  {Zh: "诉求人撤回", En: "Withdrawn by the filer"},
	ticket.ClosedRejected:   {Zh: "不予受理，已告知合法途径", En: "Not accepted; the lawful route is named"},
}

// eventTexts say what happened, by the event's type; those that depend on what is in the event are said by eventText.
var eventTexts = map[string]fault.Text{
	"filed":                {Zh: "提交诉求", En: "Filed"},
	"dispatched":           {Zh: "派单", En: "Dispatched"},
	"route_refused":        {Zh: "自动派单建议未采用", En: "A proposed holder was not taken"},
	"signed":               {Zh: "签收", En: "Signed"},
	"contacted":            {Zh: "联系诉求人", En: "Contacted the filer"},
	"asked":                {Zh: "请诉求人补充情况，暂停计时", En: "Asked the filer; the answer clock pauses"},
	"resumed":              {Zh: "诉求人已回复，继续计时", En: "The filer replied; the clock goes on"},
	"answered":             {Zh: "办结答复", En: "Answered"},
	"verified":             {Zh: "诉求人评价", En: "Verified by the filer"},
	"reopened":             {Zh: "重新办理", En: "Open again"},
	"closed":               {Zh: "结案", En: "Closed"},
	"message_written":      {Zh: "留言", En: "A message was written"},
	"clock_warned":         {Zh: "时限将至提醒", En: "A deadline comes near"},
	"clock_breached":       {Zh: "超过时限", En: "A deadline passed"},
	"rung_reached":         {Zh: "提级", En: "One rung up"},
	"verify_reminded":      {Zh: "提醒诉求人评价", En: "The filer was reminded to verify"},
	"rejection_proposed":   {Zh: "提出不予受理，待另一位派单员确认", En: "A rejection was proposed and waits for a second dispatcher"},
	"rejection_dropped":    {Zh: "不予受理的提议不再有效", En: "The proposed rejection was dropped"},
	"deadlines_recomputed": {Zh: "节假日安排公布，重新计算时限", En: "Deadlines counted anew under the official calendar"},
	"claimed":              {Zh: "来电人认领诉求", En: "Claimed by the caller"},
	"clocks_began":         {Zh: "签收时限已到，后续时限开始计算", En: "The sign deadline came: the clocks counted from signing began"},
	"content_erased":       {Zh: "个人信息已删除", En: "Personal content was erased"},
}
