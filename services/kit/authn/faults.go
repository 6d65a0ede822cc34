package authn

import "github.com/throughtrain/throughtrain/services/kit/fault"

// The faults of this package. A refused token gets one answer whatever was wrong with it, so that nobody learns from trying;
// the wrapped cause goes to the log. Only expiry is told apart, because a client acts on it: it refreshes.
var (
	ErrTokenMissing = fault.New(fault.Unauthenticated, "TOKEN_MISSING",
		"请先登录后再操作。", "Sign in first.")
	ErrTokenInvalid = fault.New(fault.Unauthenticated, "TOKEN_INVALID",
		"登录凭证无效，请重新登录。", "This sign-in is not valid. Sign in again.")
	ErrTokenExpired = fault.New(fault.Unauthenticated, "TOKEN_EXPIRED",
		"登录已过期，请刷新登录状态或重新登录。", "This sign-in has expired. Refresh it or sign in again.")
	ErrSessionRevoked = fault.New(fault.Unauthenticated, "SESSION_REVOKED",
		"您的登录已被终止，请重新登录。", "This session was ended. Sign in again.")
	ErrKeysUnavailable = fault.New(fault.Unavailable, "KEYS_UNAVAILABLE",
		"暂时无法核验登录状态，请稍后重试。", "Sign-ins cannot be verified at the moment. Try again shortly.")
	ErrRoleRequired = fault.New(fault.Denied, "ROLE_REQUIRED",
		"您的身份无权进行此操作；如确有需要，请联系本市管理员授权。",
		"Your role does not allow this. If you need it, ask your city's administrator.")
	ErrPersonRequired = fault.New(fault.Denied, "PERSON_REQUIRED",
		"此操作须由本人登录后进行。", "This can only be done by a person who is signed in.")
)
