package desk

import (
	"github.com/throughtrain/throughtrain/services/directory/internal/enterprise"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// The faults of the use cases. Their reasons are declared in the contract.
var (
	ErrCity = fault.New(fault.NotFound, "CITY_NOT_FOUND",
		"未找到该城市，请核对城市代码。", "There is no such city here. Check its code.")
	ErrCodeLimit = fault.New(fault.Exhausted, "CODE_LIMIT",
		"获取验证码过于频繁，请稍后再试。", "Too many codes were asked for. Wait and try again.")
	ErrCodeWrong = fault.New(fault.Unauthenticated, "CODE_WRONG",
		"验证码错误、已使用或已过期，请核对或重新获取。", "The code is wrong, used or expired. Check it or ask for another.")
	ErrCodeNotSent = fault.New(fault.Unavailable, "CODE_NOT_SENT",
		"验证码发送失败，请稍后重试。", "The code could not be sent. Try again shortly.")
	ErrPasswordWrong = fault.New(fault.Unauthenticated, "PASSWORD_WRONG",
		"登录名或密码错误，请重新输入。", "Login or password is wrong. Try again.")
	ErrSignInLimit = fault.New(fault.Exhausted, "SIGN_IN_LIMIT",
		"登录尝试过于频繁，请稍后再试。", "Too many tries. Wait and try again.")
	ErrRefresh = fault.New(fault.Unauthenticated, "REFRESH_INVALID",
		"登录已失效，请重新登录。", "This sign-in has ended. Sign in again.")
	ErrPersona = fault.New(fault.NotFound, "PERSONA_UNKNOWN",
		"没有该演示角色，请从提供的角色中选择。", "There is no such persona. Choose one of those listed.")
	ErrUSCCTaken = fault.New(fault.Exists, "USCC_TAKEN",
		"该统一社会信用代码已登记，请申请加入已登记的企业。",
		"An enterprise with this credit code is registered already. Claim a membership in it.")
	ErrEnterprise = fault.New(fault.NotFound, "ENTERPRISE_NOT_FOUND",
		"未找到该企业，请核对后重试。", "There is no such enterprise. Check the name and try again.")
	ErrMember   = enterprise.ErrNoClaim
	ErrNotAdmin = fault.New(fault.Denied, "NOT_ENTERPRISE_ADMIN",
		"仅企业管理员或热线工作人员可以进行此操作。", "Only the enterprise's administrator or the hotline desk may do this.")
	ErrPerson = fault.New(fault.NotFound, "PERSON_NOT_FOUND",
		"未找到该人员，请核对后重试。", "There is no such person. Check the name and try again.")
	ErrSelfDismissal = fault.New(fault.Precondition, "SELF_DISMISSAL",
		"不能停用本人的账号，请由其他管理员操作。", "Nobody dismisses themselves. Ask another administrator.")
	ErrCounty = fault.New(fault.Invalid, "COUNTY_UNKNOWN",
		"所选县区不属于本市，请重新选择。", "The county is not one of the city's. Choose another.").
		Field("county", "county", "不是本市的县区", "is not one of the city's counties")
	errOfficialName = fault.New(fault.Invalid, "REQUEST_INVALID",
		"请求内容有误，请检查后重新提交。", "The request is not valid. Check it and send it again.").
		Field("displayName", "official", "工作人员的姓名由本市配置决定", "of an official comes from the city's files")
)
