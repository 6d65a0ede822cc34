package rpc

import (
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// routingTexts say why a ticket has its holder.
var routingTexts = map[string]fault.Text{
	"project-attendant":    {Zh: "由该项目的首席服务员承办", En: "Handled by the project's chief attendant"},
	"enterprise-attendant": {Zh: "由该企业的首席服务员承办", En: "Handled by the enterprise's chief attendant"},
	"deputy":               {Zh: "首席服务员不在岗，由其代理人承办", En: "The chief attendant is away; handled by the deputy"},
	"least-loaded":         {Zh: "企业尚未绑定首席服务员，由主管单位在办件数最少的工作人员承办", En: "Nobody is bound to the enterprise; handled by the least loaded official of the unit in charge"},
	"dispatcher":           {Zh: "由派单员指定", En: "Chosen by a dispatcher"},
	"referee":              {Zh: "退单经裁定，由其承办", En: "Chosen by the referee of a return"},
	"handover":             {Zh: "原承办人已移交工作", En: "The holder before handed their work over"},
	"leave":                {Zh: "原承办人休假", En: "The holder before is on leave"},
	"dismissed":            {Zh: "原承办人已离任", En: "The holder before no longer serves"},
}

// clockTexts name the kinds of clock.
var clockTexts = map[ticket.Kind]fault.Text{
	ticket.KindDispatch:  {Zh: "派单", En: "Dispatch"},
	ticket.KindSign:      {Zh: "签收", En: "Signature"},
	ticket.KindContact:   {Zh: "首次联系", En: "First contact"},
	ticket.KindAnswer:    {Zh: "办结答复", En: "Answer"},
	ticket.KindVerify:    {Zh: "评价", En: "Verification"},
	ticket.KindOrderSign: {Zh: "签收工单", En: "Signature of the work order"},
	ticket.KindHandle:    {Zh: "办结工单", En: "The work order"},
	ticket.KindReturn:    {Zh: "退单裁定", En: "Decision upon the return"},
	ticket.KindExtension: {Zh: "延期决定", En: "Decision upon more time"},
	ticket.KindDialogue:  {Zh: "直接对话", En: "Direct dialogue"},
}

// closeTexts say why a ticket is closed.
var closeTexts = map[ticket.CloseReason]fault.Text{
	ticket.ClosedVerified:   {Zh: "诉求人确认，结案", En: "Closed on the filer's word"},
	ticket.ClosedUnverified: {Zh: "提醒后未评价，自动结案", En: "Closed: no word from the filer after the reminders"},
	ticket.ClosedWithdrawn:  {Zh: "诉求人撤回", En: "Withdrawn by the filer"},
	ticket.ClosedRejected:   {Zh: "不予受理，已告知合法途径", En: "Not accepted; the lawful route is named"},
	ticket.ClosedMerged:     {Zh: "并入较早的诉求，在那里继续办理", En: "Merged into an earlier ticket, which goes on"},
}

// returnTexts say why somebody asks to hand back.
var returnTexts = map[string]fault.Text{
	"not-our-duty": {Zh: "不属于本单位职责", En: "not the unit's duty"},
	"wrong-county": {Zh: "不属于本辖区", En: "another county's"},
	"needs-lead":   {Zh: "需由其他单位牵头", En: "another unit has to lead"},
	"duplicate":    {Zh: "与其他诉求重复", En: "the same as another ticket"},
	"other":        {Zh: "其他原因", En: "another reason"},
}

// modeTexts say how a dialogue is held.
var modeTexts = map[string]fault.Text{
	"phone":     {Zh: "电话", En: "by phone"},
	"in-person": {Zh: "当面", En: "in person"},
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
	"issue_linked":         {Zh: "纳入共性问题，由牵头单位统一解决", En: "Made part of a common issue that a lead unit solves"},
	"issue_unlinked":       {Zh: "不再属于共性问题", En: "No longer part of a common issue"},
	"content_erased":       {Zh: "个人信息已删除", En: "Personal content was erased"},
	"order_created":        {Zh: "交办工单", En: "A unit was given a part"},
	"order_signed":         {Zh: "工单已签收", En: "A unit signed its work order"},
	"order_finished":       {Zh: "工单已办结", En: "A unit finished its work order"},
	"order_waived":         {Zh: "不再等待工单", En: "A work order is no longer waited for"},
	"return_requested":     {Zh: "申请退单", En: "Asked to hand it back"},
	"return_decided":       {Zh: "退单裁定", En: "The return was decided upon"},
	"recalled":             {Zh: "回到派单环节", En: "Back in the desk's queue"},
	"handed_over":          {Zh: "更换承办人", En: "Handed over"},
	"extension_requested":  {Zh: "申请延期", En: "More time was asked for"},
	"extension_decided":    {Zh: "延期决定", En: "More time was decided upon"},
	"supervised":           {Zh: "列入督办", En: "Put under supervision"},
	"instructed":           {Zh: "领导批示", En: "An instruction was given"},
	"absorbed":             {Zh: "一件较晚的同类诉求并入本件", En: "A later ticket about the same was merged into this one"},
	"conflict_named":       {Zh: "已登记需要回避的人员或单位，他们看不到本件，也不能经办", En: "Who it is about was named: they neither see it nor have a part in it"},
	"dialogue_requested":   {Zh: "申请与领导直接对话", En: "A dialogue with a leader was asked for"},
	"dialogue_taken":       {Zh: "已约定直接对话", En: "A dialogue was arranged"},
	"dialogue_declined":    {Zh: "直接对话未予安排，理由已告知", En: "The dialogue was declined, with a reason"},
	"dialogue_handed_on":   {Zh: "直接对话转由他人安排", En: "The dialogue was handed on"},
	"dialogue_held":        {Zh: "直接对话已进行", En: "The dialogue was held"},
	"callback_missed":      {Zh: "电话回访未接通", En: "A call-back reached nobody"},
	"attachment_added":     {Zh: "上传文件", En: "A file was added"},
	"contact_revealed":     {Zh: "查看了诉求人的联系电话", En: "Looked at the filer's phone"},
}
