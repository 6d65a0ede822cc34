package desk

import (
	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// What a use case refuses beyond the domain's own refusals.
var (
	ErrCityNotFound = fault.New(fault.NotFound, agencyv1.ErrorReason_CITY_NOT_FOUND.String(),
		"没有这个城市，或其配置尚未到达，请核对城市代码或稍后再试。",
		"There is no such city here, or its configuration has not arrived yet. Check the code or try again later.")
	ErrEtagMismatch = fault.New(fault.Conflict, agencyv1.ErrorReason_ETAG_MISMATCH.String(),
		"代办件已有新的变化，请刷新后再操作。",
		"The case has changed since you read it. Read it again.")
	ErrRequestReused = fault.New(fault.Exists, agencyv1.ErrorReason_REQUEST_ID_REUSED.String(),
		"该请求编号已用于另一项内容不同的请求，请换一个编号。",
		"This request id was used for another request. Use a new one.")
	ErrTooBusy = fault.New(fault.Conflict, agencyv1.ErrorReason_TOO_BUSY.String(),
		"代办件正在被他人同时修改，请稍后重试。",
		"Others are changing the case at the same time. Try again in a moment.")
	ErrCertificateNotFound = fault.New(fault.NotFound, agencyv1.ErrorReason_CERTIFICATE_NOT_FOUND.String(),
		"没有这个编号和查验码对应的证照，请核对后重试。",
		"No certificate has this number and code. Check both.")
	ErrDocumentNotFound = fault.New(fault.NotFound, agencyv1.ErrorReason_DOCUMENT_NOT_FOUND.String(),
		"没有找到这个文件，请核对后重试。", "There is no such file. Check its name.")
	ErrDocumentNotReady = fault.New(fault.Precondition, agencyv1.ErrorReason_DOCUMENT_NOT_READY.String(),
		"文件尚未传完，或未被接收。", "The file is not there yet, or was not taken.")
	ErrProjectForeign = fault.New(fault.Invalid, agencyv1.ErrorReason_PROJECT_FOREIGN.String(),
		"该项目属于另一家企业，请核对企业和项目。",
		"The project belongs to another enterprise. Check both.").
		Field("project", "project.foreign", "不属于所填企业", "is not one of the enterprise's")
)
