package wire

import "github.com/throughtrain/throughtrain/services/kit/fault"

// foreignTexts are what is said when a failure comes from the transport rather than from a service: the connection, the
// limits of gRPC itself, a method that the other side does not have.
var foreignTexts = map[fault.Kind]*fault.Error{
	fault.Internal: fault.New(fault.Internal, "INTERNAL",
		"系统内部错误，请稍后重试；如多次出现，请把请求编号告知工作人员。",
		"Something went wrong on our side. Try again later; if it keeps happening, report the request id."),
	fault.Invalid: fault.New(fault.Invalid, "REQUEST_INVALID",
		"请求内容有误，请检查后重新提交。", "The request is not valid. Check it and send it again."),
	fault.Unauthenticated: fault.New(fault.Unauthenticated, "TOKEN_INVALID",
		"登录凭证无效，请重新登录。", "This sign-in is not valid. Sign in again."),
	fault.Denied: fault.New(fault.Denied, "DENIED",
		"您无权进行此操作；如确有需要，请联系本市管理员授权。",
		"You may not do this. If you need it, ask your city's administrator."),
	fault.NotFound: fault.New(fault.NotFound, "NOT_FOUND",
		"未找到您要的内容，请核对后重试。", "Not found. Check the name and try again."),
	fault.Exists: fault.New(fault.Exists, "EXISTS",
		"该内容已存在，请刷新后查看。", "It exists already. Refresh to see it."),
	fault.Precondition: fault.New(fault.Precondition, "PRECONDITION_FAILED",
		"当前状态不允许此操作，请刷新后重试。", "The present state does not allow this. Refresh and look again."),
	fault.Conflict: fault.New(fault.Conflict, "CONFLICT",
		"内容已被他人更新，请刷新后重试。", "Somebody else changed it meanwhile. Refresh and try again."),
	fault.Exhausted: fault.New(fault.Exhausted, "LIMIT_REACHED",
		"请求过多或内容过大，请稍后重试或减少内容。", "Too many requests or too much content. Try later or send less."),
	fault.Unavailable: fault.New(fault.Unavailable, "UNAVAILABLE",
		"服务暂时不可用，请稍后重试；重试时请使用同一请求编号，不会重复提交。",
		"The service is not available at the moment. Try again shortly with the same request id; nothing is done twice."),
	fault.Deadline: fault.New(fault.Deadline, "DEADLINE_EXCEEDED",
		"处理超时，请稍后重试；重试时请使用同一请求编号，不会重复提交。",
		"The request took too long. Try again with the same request id; nothing is done twice."),
	fault.Canceled: fault.New(fault.Canceled, "CANCELED",
		"请求已被取消，如需继续请重新提交。", "The request was cancelled. Send it again if you still want it."),
	fault.Unimplemented: fault.New(fault.Unimplemented, "UNIMPLEMENTED",
		"系统暂不支持此操作，请更新应用后重试。", "This is not supported here. Update the app and try again."),
}
