package desk

import (
	"strings"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// What a use case refuses beyond the domain's own refusals.
var (
	ErrQueryTooShort = fault.New(fault.Invalid, hotlinev1.ErrorReason_QUERY_TOO_SHORT.String(),
		"请至少输入两个字，或编号的后四位。", "Type at least two characters, or the last four digits of a number.").
		Field("query", "query.tooShort", "至少两个字", "needs at least two characters")
	ErrCityNotFound = fault.New(fault.NotFound, hotlinev1.ErrorReason_CITY_NOT_FOUND.String(),
		"没有这个城市，或其配置尚未到达，请核对城市代码或稍后再试。",
		"There is no such city here, or its configuration has not arrived yet. Check the code or try again later.")
	ErrEtagMismatch = fault.New(fault.Conflict, hotlinev1.ErrorReason_ETAG_MISMATCH.String(),
		"诉求已有新的变化，请刷新后再操作。",
		"The ticket has changed since you read it. Read it again.")
	ErrRequestReused = fault.New(fault.Exists, hotlinev1.ErrorReason_REQUEST_ID_REUSED.String(),
		"该请求编号已用于另一项内容不同的请求，请换一个编号。",
		"This request id was used for another request. Use a new one.")
	ErrTooBusy = fault.New(fault.Conflict, hotlinev1.ErrorReason_TOO_BUSY.String(),
		"诉求正在被他人同时修改，请稍后重试。",
		"Others are changing the ticket at the same time. Try again in a moment.")
	ErrProjectForeign = fault.New(fault.Invalid, hotlinev1.ErrorReason_PROJECT_FOREIGN.String(),
		"该项目属于另一家企业，请核对企业和项目。",
		"The project belongs to another enterprise. Check both.").
		Field("project", "project.foreign", "不属于所填企业", "is not one of the enterprise's")
	errEnterpriseAmbiguous = fault.New(fault.Invalid, hotlinev1.ErrorReason_ENTERPRISE_AMBIGUOUS.String(),
		"您属于多家企业，请指明是哪一家的诉求。",
		"You belong to several enterprises. Name the one this is about.").
		Field("enterprise", "enterprise.ambiguous", "须指明企业", "must be named")
)

// ambiguous names the enterprises among which the caller has to choose.
func ambiguous(city string, enterprises []string) error {
	names := make([]string, len(enterprises))
	for i, e := range enterprises {
		names[i] = "cities/" + city + "/enterprises/" + e
	}
	return errEnterpriseAmbiguous.With("enterprises", strings.Join(names, ","))
}
