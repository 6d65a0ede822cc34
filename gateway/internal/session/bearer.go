package session

import (
	"net/http"
	"strings"

	"github.com/throughtrain/throughtrain/gateway/internal/problem"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// The header of requests that change something by cookie.
const (
	requestedWith = "X-Requested-With"
	ourApp        = "through-train"
)

var errElsewhere = fault.New(fault.Denied, "CROSS_ORIGIN",
	"不接受来自其他网站的请求，请从本系统页面操作。",
	"Requests from other sites are not accepted. Use this system's own pages.")

// Bearer gives a request under /v1 that comes with a cookie the token in it, if it comes from our own page. Who shows a token of their own, good or not, is
// taken by that.
func (s *Sessions) Bearer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, own := r.Header["Authorization"]; own || !strings.HasPrefix(r.URL.Path, "/v1/") {
			next.ServeHTTP(w, r)
			return
		}
		token := s.jar(r).access()
		if token == "" {
			next.ServeHTTP(w, r)
			return
		}
		if refused := fromOurPage(r); refused != nil {
			problem.Write(w, r, refused)
			return
		}
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Del("Cookie")
		next.ServeHTTP(w, r)
	})
}

// fromOurPage refuses what another site's page may have brought about. Guard has refused unsafe requests by Sec-Fetch-Site and Origin already.
//
//   - What can change something says X-Requested-With as well, which a page of another site cannot without asking us.
//   - What only reads comes from our own origin. A file is also opened from a bookmark or a new window, when the browser says that nobody asked for it.
//     A browser that says nothing at all (an old one, or any in the clear) is let through: the cookies do not come along from other sites, and what is
//     answered can only be read by ours.
func fromOurPage(r *http.Request) *fault.Error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if r.Header.Get(requestedWith) != ourApp {
			return errElsewhere.With("header", requestedWith)
		}
		return nil
	}
	switch site := r.Header.Get("Sec-Fetch-Site"); {
	case site == "", site == "same-origin":
		return nil
	case site == "none" && r.Header.Get("Sec-Fetch-Mode") == "navigate" && strings.HasSuffix(r.URL.Path, "/content"):
		return nil
	default:
		return errElsewhere.With("header", "Sec-Fetch-Site")
	}
}
