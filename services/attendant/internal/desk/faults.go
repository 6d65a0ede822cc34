package desk

import (
	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/visit"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// The faults of the use cases. Their reasons are declared in the contract.
var (
	ErrCity = fault.New(fault.NotFound, "CITY_NOT_FOUND",
		"未找到该城市或其配置尚未到达，请核对城市代码或稍后重试。",
		"There is no such city here, or its configuration has not arrived yet. Check its code or try again shortly.")
	ErrBinding = fault.New(fault.NotFound, "BINDING_NOT_FOUND",
		"未找到该服务关系，请核对后重试。", "There is no such binding. Check its name and try again.")
	ErrOfficial = fault.New(fault.Invalid, "OFFICIAL_UNKNOWN",
		"该人员不是本市可以承担此项工作的工作人员，请另选一人。",
		"This person is not an official of the city who can do this. Choose another.")
	// ErrNoOfficial is the same fact about what a caller asks to see.
	ErrNoOfficial = fault.New(fault.NotFound, "OFFICIAL_UNKNOWN",
		"未找到该工作人员，请核对后重试。", "There is no such official. Check the name and try again.")
	ErrPrimaryTaken = fault.New(fault.Precondition, "PRIMARY_TAKEN",
		"已有在任的服务人员；如需更换，请选择“替换”。", "Somebody is bound already. Set replace to take their place.")
	ErrNotSelf = fault.New(fault.Denied, "NOT_SELF",
		"工作人员只能设置本人的在岗状态，其他人的由管理员设置。",
		"Officials set their own presence; that of others is set by the administrator.")
	ErrEtag = fault.New(fault.Conflict, "ETAG_MISMATCH",
		"该服务关系已被更改，请重新读取后再试。", "The binding has changed. Read it again, then try again.")
	ErrVisitEtag = fault.New(fault.Conflict, "ETAG_MISMATCH",
		"该走访记录已被更改，请重新读取后再试。", "The visit has changed. Read it again, then try again.")
	ErrRequestReused = fault.New(fault.Exists, "REQUEST_ID_REUSED",
		"该请求编号已用于其他内容，请使用新的请求编号。", "This request id was used for something else. Use a new one.")
	ErrTooBusy = fault.New(fault.Conflict, "TOO_BUSY",
		"该记录正在被频繁修改，请稍后重试。", "It kept changing while this was decided. Try again in a moment.")
	ErrProjectForeign = fault.New(fault.Invalid, "PROJECT_FOREIGN",
		"该项目不属于所选企业，请重新选择。", "The project belongs to another enterprise. Choose again.").
		Field("project", "project.foreign", "不属于所选企业", "belongs to another enterprise")
	ErrHandoverSelf = fault.New(fault.Invalid, "HANDOVER_SELF",
		"不能移交给本人，请另选一人。", "Nobody hands over to themselves. Choose somebody else.")
	ErrNoDeputy = fault.New(fault.Precondition, "NO_DEPUTY",
		"该人员没有在岗的代理人，请指定接收人。", "The official has no deputy who is there. Name somebody.")
	ErrTicketNotHeld = fault.New(fault.Precondition, "TICKET_NOT_HELD",
		"有诉求不在该人员名下，或正在移交，请刷新后重试。", "A ticket is not held by the official, or is being handed over already. Read the list again.")
	ErrCaseNotHeld = fault.New(fault.Precondition, "CASE_NOT_HELD",
		"有代办件不是由该人员代办，或正在移交，请刷新后重试。",
		"The official does not act in one of the cases, or it is being handed over already. Read the list again.")
	ErrBindingCap = fault.New(fault.Precondition, "BINDING_CAP_REACHED",
		"该人员服务的企业数已达上限，请另选一人。", "The official answers for as many enterprises as they may. Choose somebody else.")
	ErrVisit = fault.New(fault.NotFound, "VISIT_NOT_FOUND",
		"未找到该走访记录，请核对后重试。", "There is no such visit. Check its name and try again.")
	ErrEnterprise = fault.New(fault.NotFound, "ENTERPRISE_NOT_FOUND",
		"未找到该企业，或其登记信息尚未到达，请核对后重试。", "There is no such enterprise, or it has not arrived here yet. Check its name and try again.")
	ErrNotBound = fault.New(fault.Denied, "NOT_BOUND",
		"该人员不是此企业的服务人员或其代理人，不能安排走访。", "The official is not bound to the enterprise, nor a deputy of who is.")
	ErrNotVisitor = fault.New(fault.Denied, "NOT_SELF",
		"只能安排或办理本人的走访。", "Officials plan and record their own visits.")
	ErrOverride = fault.New(fault.Denied, "OVERRIDE_FORBIDDEN",
		"只有市长办公室可以在说明理由后突破免打扰或间隔要求。", "Only the mayor's office sets an enterprise's quiet or the interval aside, and says why.")

	ErrPeriod     = binding.ErrPeriod
	ErrDeputySelf = binding.ErrDeputySelf
	ErrVisitTime  = visit.ErrTime
	ErrTooSoon    = visit.ErrTooSoon
	ErrQuiet      = visit.ErrQuiet
	ErrVisitOver  = visit.ErrOver
)
