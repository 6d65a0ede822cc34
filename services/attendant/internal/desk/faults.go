package desk

import (
	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
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
	ErrRequestReused = fault.New(fault.Exists, "REQUEST_ID_REUSED",
		"该请求编号已用于其他内容，请使用新的请求编号。", "This request id was used for something else. Use a new one.")
	ErrTooBusy = fault.New(fault.Conflict, "TOO_BUSY",
		"该记录正在被频繁修改，请稍后重试。", "It kept changing while this was decided. Try again in a moment.")
	ErrProjectForeign = fault.New(fault.Invalid, "PROJECT_FOREIGN",
		"该项目不属于所选企业，请重新选择。", "The project belongs to another enterprise. Choose again.").
		Field("project", "project.foreign", "不属于所选企业", "belongs to another enterprise")

	ErrPeriod     = binding.ErrPeriod
	ErrDeputySelf = binding.ErrDeputySelf
)
