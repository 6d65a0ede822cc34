package session_test

import (
	"net/http"
	"testing"
)

// TestWhoComesWithACookie walks methods, the header of our app, and what browsers say of where a request comes from.
func TestWhoComesWithACookie(t *testing.T) {
	r := newRig(t)
	r.signIn()
	const list, content = "/v1/cities/410900/tickets", "/v1/cities/410900/tickets/1/attachments/2/content"
	ours, theirs := "http://127.0.0.1:8080", "https://elsewhere.example"
	for _, c := range []struct {
		method, path, with, site, mode, origin string
		passes                                 bool
	}{
		{"GET", list, "", "same-origin", "cors", "", true},
		{"GET", list, "", "", "", "", true}, // an old browser, or one in the clear
		{"GET", list, "", "same-site", "cors", "", false},
		{"GET", list, "", "cross-site", "cors", theirs, false},
		{"GET", list, "through-train", "cross-site", "cors", theirs, false},
		{"GET", list, "", "cross-site", "navigate", "", false},
		{"GET", list, "", "none", "navigate", "", false},
		{"GET", list, "", "anything", "", "", false},
		{"GET", "/v1/cities/410900:watch", "", "same-origin", "cors", "", true},
		{"GET", "/v1/cities/410900:watch", "", "cross-site", "cors", theirs, false},
		{"GET", content, "", "same-origin", "no-cors", "", true},
		{"GET", content, "", "none", "navigate", "", true},
		{"GET", content, "", "none", "no-cors", "", false},
		{"GET", content, "", "cross-site", "navigate", "", false},
		{"GET", content, "", "cross-site", "no-cors", "", false},
		{"HEAD", content, "", "same-origin", "cors", "", true},
		{"HEAD", content, "", "cross-site", "cors", theirs, false},
		{"POST", list, "through-train", "same-origin", "cors", ours, true},
		{"POST", list, "through-train", "", "", ours, true},
		{"POST", list, "through-train", "", "", "", true},
		{"POST", list, "", "same-origin", "cors", ours, false},
		{"POST", list, "XMLHttpRequest", "same-origin", "cors", ours, false},
		{"POST", list, "", "", "", "", false},
		{"POST", list, "through-train", "cross-site", "cors", theirs, false},
		{"POST", list, "through-train", "same-site", "cors", theirs, false},
		{"POST", list, "through-train", "", "", theirs, false},
		{"POST", list, "through-train", "", "", "null", false},
		{"PATCH", content, "through-train", "same-origin", "cors", ours, true},
		{"PATCH", content, "", "same-origin", "cors", ours, false},
		{"DELETE", list, "", "same-origin", "cors", ours, false},
		{"OPTIONS", list, "", "cross-site", "cors", theirs, false},
	} {
		a := r.do(c.method, c.path, "", header("X-Requested-With", c.with), header("Sec-Fetch-Site", c.site), header("Sec-Fetch-Mode", c.mode), header("Origin", c.origin))
		got := a.Header().Get("Got-Authorization")
		if !c.passes {
			if got != "" || a.Code != http.StatusForbidden || c.method != "HEAD" && a.reason() != "CROSS_ORIGIN" {
				t.Errorf("%+v: %d %s, as %q", c, a.Code, a.reason(), got)
			}
			continue
		}
		if a.Code != http.StatusOK || got != "Bearer "+r.cookies[access] || a.Header().Get("Got-Cookie") != "" {
			t.Errorf("%+v: %d, as %q with cookies %q", c, a.Code, got, a.Header().Get("Got-Cookie"))
		}
	}
}

// TestATokenOfTheirOwnIsNotReplaced: not even one that is no good, or none at all.
func TestATokenOfTheirOwnIsNotReplaced(t *testing.T) {
	r := newRig(t)
	r.signIn()
	for _, own := range []string{"Bearer other", "Basic eDp5", "Bearer"} {
		for _, method := range []string{"GET", "POST"} { // and needs nothing of the app's
			a := r.do(method, "/v1/cities/410900/tickets", "", header("Authorization", own), header("X-Requested-With", ""), header("Sec-Fetch-Site", ""))
			if got := a.Header().Get("Got-Authorization"); a.Code != 200 || got != own {
				t.Errorf("%s with %q: %d, as %q", method, own, a.Code, got)
			}
		}
	}
	a := r.do("GET", "/v1/cities/410900/tickets", "", func(r *http.Request) { r.Header["Authorization"] = []string{""} })
	if got := a.Header().Get("Got-Authorization"); got != "" {
		t.Errorf("an empty one became %q", got)
	}
}

func TestCookiesMeanNothingElsewhere(t *testing.T) {
	r := newRig(t)
	r.signIn()
	for _, path := range []string{"/", "/v1", "/v12/x", "/docs/", "/check/410900"} {
		if a := r.do("GET", path, "", header("Sec-Fetch-Site", "cross-site")); a.Code != 200 || a.Header().Get("Got-Authorization") != "" {
			t.Errorf("%s: %d as %q", path, a.Code, a.Header().Get("Got-Authorization"))
		}
	}
	clear(r.cookies)
	if a := r.do("POST", "/v1/cities/410900/tickets", "", header("X-Requested-With", "")); a.Code != 200 || a.Header().Get("Got-Authorization") != "" {
		t.Errorf("without cookies: %d as %q", a.Code, a.Header().Get("Got-Authorization"))
	}
}

// TestOnlyOurPagesSignInAndOut: another site's page must not put its own session in the place of somebody's, nor end theirs.
func TestOnlyOurPagesSignInAndOut(t *testing.T) {
	r := newRig(t)
	for _, verb := range []string{"signInWithCode", "signInWithPassword", "demoSignIn", "refresh", "signOut"} {
		r.want(r.do("POST", "/web/session:"+verb, "{}", header("X-Requested-With", "")), 403, "CROSS_ORIGIN")
		r.want(r.do("POST", "/web/session:"+verb, "{}", header("Sec-Fetch-Site", "cross-site")), 403, "CROSS_ORIGIN")
		r.want(r.do("POST", "/web/session:"+verb, "{}", header("Sec-Fetch-Site", ""), header("Origin", "https://elsewhere.example")), 403, "CROSS_ORIGIN")
	}
	r.signIn()
	for _, site := range []string{"cross-site", "same-site", "none"} {
		r.want(r.do("GET", "/web/session", "", header("Sec-Fetch-Site", site)), 403, "CROSS_ORIGIN")
	}
	if len(r.ended) != 0 {
		t.Error("somebody was signed out")
	}
}
