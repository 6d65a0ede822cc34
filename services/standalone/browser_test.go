package standalone_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// browser is the app in a browser: it has cookies and no token.
type browser struct {
	*booted
	cookies map[string]*http.Cookie
}

// send sends a request as a page of ours does, and keeps the cookies that come back.
func (c *browser) send(method, path string, body any, header ...string) *http.Response {
	c.t.Helper()
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		in = bytes.NewReader(text)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, in)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	if in != nil {
		request.Header.Set("X-Requested-With", "through-train")
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	for _, cookie := range c.cookies {
		if strings.HasPrefix(path, cookie.Path) { // both paths end where a segment does
			request.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, cookie := range response.Cookies() {
		if c.cookies[cookie.Name] = cookie; cookie.MaxAge < 0 {
			delete(c.cookies, cookie.Name)
		}
	}
	return response
}

// ask is send for an answer that ends, which has to have a status.
func (c *browser) ask(status int, method, path string, body any, header ...string) document {
	c.t.Helper()
	response := c.send(method, path, body, header...)
	defer func() { _ = response.Body.Close() }()
	out := document{}
	if err := json.NewDecoder(response.Body).Decode(&out); err != nil || response.StatusCode != status {
		c.t.Fatalf("%s %s: %d %v, want %d: %v", method, path, response.StatusCode, out, status, err)
	}
	return out
}

// stream opens a stream.
func (c *browser) stream(query string) *viewer {
	c.t.Helper()
	response := c.send(http.MethodGet, city+":watch?"+query, nil) //nolint:bodyclose // closing the viewer closes it
	if response.StatusCode != http.StatusOK {
		c.t.Fatalf("%s: %d", query, response.StatusCode)
	}
	v := &viewer{t: c.t, frames: make(chan frame, 1000), close: func() { _ = response.Body.Close() }}
	done := make(chan struct{})
	go func() { defer close(done); v.read(response.Body) }()
	c.t.Cleanup(func() { v.close(); <-done })
	return v
}

// TestABrowserNeverHoldsAToken signs in with a code, files, watches, sends a photo and opens it, refreshes, and signs out, all by cookies.
func TestABrowserNeverHoldsAToken(t *testing.T) {
	b := boot(t, t.TempDir())
	c := &browser{b, map[string]*http.Cookie{}}
	page := c.send(http.MethodGet, "/tickets/new", nil, "Accept", "text/html")
	text, err := io.ReadAll(page.Body)
	_ = page.Body.Close()
	if err != nil || page.StatusCode != http.StatusOK || !strings.Contains(string(text), `<html lang="zh-CN"`) {
		t.Fatalf("the app: %d %v %s", page.StatusCode, err, text)
	}
	if out := c.ask(200, http.MethodGet, "/web/build", nil); out["city"] != "410900" {
		t.Errorf("the app signs people in to %v", out["city"])
	}
	nobody := c.send(http.MethodGet, "/web/session", nil)
	_ = nobody.Body.Close()
	if nobody.StatusCode != http.StatusNoContent {
		t.Errorf("before: %d", nobody.StatusCode)
	}
	asked := c.ask(200, http.MethodPost, city+"/sessions:requestCode", fields{"phone": "13800138000"})
	b.mu.Lock()
	code := b.codes["13800138000"]
	b.mu.Unlock()
	me := c.ask(200, http.MethodPost, "/web/session:signInWithCode", fields{"city": "410900", "challenge": asked.text("challenge"), "code": code})
	if me.text("phoneMasked") == "" || !strings.HasPrefix(me.text("person"), "cities/410900/persons/") || me["accessToken"] != nil || me["refreshToken"] != nil {
		t.Errorf("signed in as %v", me)
	}
	if out := c.ask(200, http.MethodGet, "/web/session", nil); out.text("person") != me.text("person") || out.text("sessionExpireTime") != me.text("sessionExpireTime") {
		t.Errorf("%v, at the sign-in %v", out, me)
	}
	live := c.stream("topics=MINE")
	live.want("ready", "", "")
	ticket := c.ask(200, http.MethodPost, city+"/tickets", fields{"title": "停水", "body": "厂区停水。"})
	name := ticket.text("name")
	if f := live.next(); f.event != "changed" || f.data.text("name") != name {
		t.Errorf("the stream says %v", f)
	}
	c.ask(403, http.MethodPost, city+"/tickets", fields{"title": "不是本人", "body": "别的网页。"}, "X-Requested-With", "other")
	c.ask(403, http.MethodPost, city+"/tickets", fields{"title": "不是本人", "body": "别的网页。"}, "Sec-Fetch-Site", "cross-site")
	c.sendsAPhoto(name)

	before := *c.cookies["__Secure-tt_refresh"]
	c.ask(200, http.MethodPost, "/web/session:refresh", fields{})
	if c.cookies["__Secure-tt_refresh"].Value == before.Value {
		t.Error("the refresh token is the same")
	}
	if got := c.ask(200, http.MethodGet, "/v1/"+name, nil); got.text("name") != name {
		t.Errorf("after refreshing: %v", got)
	}
	access := *c.cookies["__Host-tt_access"]
	c.ask(200, http.MethodPost, "/web/session:signOut", fields{})
	if len(c.cookies) != 0 {
		t.Errorf("left: %v", c.cookies)
	}
	for f := range live.frames { // to its end
		if f.event == "expired" && f.data.text("reason") != "SESSION_REVOKED" {
			t.Errorf("the stream ends with %v", f)
		}
	}
	c.cookies[access.Name] = &access // kept by somebody who copied it
	if out := c.ask(401, http.MethodGet, "/web/session", nil); out.reason() != "SESSION_REVOKED" {
		t.Errorf("afterwards: %s", out.reason())
	}
	c.cookies = map[string]*http.Cookie{before.Name: &before}
	if out := c.ask(401, http.MethodPost, "/web/session:refresh", fields{}); out.reason() != "REFRESH_INVALID" || len(c.cookies) != 0 {
		t.Errorf("a refresh token after the sign-out: %s, %v", out.reason(), c.cookies)
	}
	c.ask(404, http.MethodPost, "/web/session:demoSignIn", fields{"persona": "mayor"})
	b.quiet()
}

// sendsAPhoto uploads a photo with the cookie and opens it, in its sandbox.
func (c *browser) sendsAPhoto(ticket string) {
	c.t.Helper()
	content := photo(c.t, 64)
	a := c.ask(200, http.MethodPost, "/v1/"+ticket+"/attachments", fields{"fileName": "现场.jpg", "kind": "PHOTO", "size": len(content), "sha256": sum(content)})
	path := "/v1/" + a.text("name")
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodPatch, c.base+path, bytes.NewReader(content))
	if err != nil {
		c.t.Fatal(err)
	}
	for name, value := range map[string]string{"Content-Type": pieceType, "Upload-Offset": "0", "X-Requested-With": "through-train", "Sec-Fetch-Site": "same-origin"} {
		request.Header.Set(name, value)
	}
	request.AddCookie(&http.Cookie{Name: "__Host-tt_access", Value: c.cookies["__Host-tt_access"].Value})
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		c.t.Fatalf("the piece: %d", response.StatusCode)
	}
	for _, from := range [][2]string{{"same-origin", "no-cors"}, {"none", "navigate"}, {"cross-site", "no-cors"}} {
		got := c.send(http.MethodGet, path+"/content", nil, "Sec-Fetch-Site", from[0], "Sec-Fetch-Mode", from[1])
		_ = got.Body.Close()
		switch {
		case from[0] == "cross-site" && got.StatusCode != http.StatusForbidden:
			c.t.Errorf("another site opens it: %d", got.StatusCode)
		case from[0] != "cross-site" && (got.StatusCode != http.StatusOK || !strings.HasPrefix(got.Header.Get("Content-Security-Policy"), "sandbox") ||
			!strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment")):
			c.t.Errorf("%s: %d %v", from[0], got.StatusCode, got.Header)
		}
	}
}
