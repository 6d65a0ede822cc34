package webapp_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/andybalholm/brotli"

	"github.com/throughtrain/throughtrain/gateway/internal/webapp"
)

const page = `<!doctype html>
<html lang="zh-CN" data-theme="auto" data-size="standard">
<head><script type="module" src="/assets/main-1a2b3c4d.js"></script></head>`

func dist() fstest.MapFS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return fstest.MapFS{
		"index.html":                    file(page),
		"index.html.br":                 file("a page that cannot be rewritten"),
		"assets/main-1a2b3c4d.js":       file("export const plain = 1;"),
		"assets/main-1a2b3c4d.js.br":    file("BR"),
		"assets/main-1a2b3c4d.js.gz":    file("GZ"),
		"assets/_plugin-5e6f.js":        file("plugin"),
		"assets/figures-9a8b.woff2":     file("font"),
		"assets/picture-9a8b.png":       file("png"),
		"sw.js":                         file("worker"),
		"sw.js.gz":                      file("WGZ"),
		"manifest.webmanifest":          file("{}"),
		"icons/icon-192.png":            file("icon"),
		"assets/style-77.css":           file("body{}"),
		"assets/nested/deeper-1.svg":    file("<svg/>"),
		"assets/nested/deeper-1.svg.br": file("SVGBR"),
	}
}

// serve serves an app beside a handler that says it was asked.
func serve(t *testing.T, files fs.FS) http.Handler {
	t.Helper()
	app, err := webapp.New(files, true, func() string { return "410900" }, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	app.Register(mux)
	return mux
}

func do(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const html = "text/html,application/xhtml+xml,*/*;q=0.8"

func TestFiles(t *testing.T) {
	h := serve(t, dist())
	for path, want := range map[string]struct{ media, keep, body string }{
		"/assets/main-1a2b3c4d.js":    {"text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "export const plain = 1;"},
		"/assets/_plugin-5e6f.js":     {"text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "plugin"},
		"/assets/style-77.css":        {"text/css; charset=utf-8", "public, max-age=31536000, immutable", "body{}"},
		"/assets/figures-9a8b.woff2":  {"font/woff2", "public, max-age=31536000, immutable", "font"},
		"/assets/picture-9a8b.png":    {"image/png", "public, max-age=31536000, immutable", "png"},
		"/assets/nested/deeper-1.svg": {"image/svg+xml", "public, max-age=31536000, immutable", "<svg/>"},
		"/sw.js":                      {"text/javascript; charset=utf-8", "no-cache", "worker"},
		"/manifest.webmanifest":       {"application/manifest+json", "no-cache", "{}"},
		"/icons/icon-192.png":         {"image/png", "no-cache", "icon"},
	} {
		w := do(h, "GET", path)
		if w.Code != 200 || w.Body.String() != want.body || w.Header().Get("Content-Type") != want.media || w.Header().Get("Cache-Control") != want.keep ||
			w.Header().Get("Content-Encoding") != "" || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %d %q %v", path, w.Code, w.Body, w.Header())
		}
		if head := do(h, "HEAD", path); head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("Content-Length") != w.Header().Get("Content-Length") || head.Header().Get("ETag") != w.Header().Get("ETag") {
			t.Errorf("HEAD %s: %d %v", path, head.Code, head.Header())
		}
		if again := do(h, "GET", path, "If-None-Match", w.Header().Get("ETag")); again.Code != 304 || again.Body.Len() != 0 || again.Header().Get("Cache-Control") != want.keep {
			t.Errorf("%s again: %d %v", path, again.Code, again.Header())
		}
		if other := do(h, "GET", path, "If-None-Match", `"other"`); other.Code != 200 {
			t.Errorf("%s of another build: %d", path, other.Code)
		}
		if post := do(h, "POST", path); post.Code != http.StatusTeapot {
			t.Errorf("POST %s: %d", path, post.Code)
		}
	}
}

func TestEncodings(t *testing.T) {
	h := serve(t, dist())
	tags := map[string]string{}
	for _, c := range []struct{ path, accept, encoding, body string }{
		{"/assets/main-1a2b3c4d.js", "gzip, deflate, br, zstd", "br", "BR"},
		{"/assets/main-1a2b3c4d.js", "gzip, deflate", "gzip", "GZ"},
		{"/assets/main-1a2b3c4d.js", "br;q=0, gzip;q=0.5", "gzip", "GZ"},
		{"/assets/main-1a2b3c4d.js", "BR; Q=0.1", "br", "BR"},
		{"/assets/main-1a2b3c4d.js", "identity", "", "export const plain = 1;"},
		{"/assets/main-1a2b3c4d.js", "brotli, xgzip", "", "export const plain = 1;"},
		{"/assets/main-1a2b3c4d.js", "br;q=0,gzip;q=0.0", "", "export const plain = 1;"},
		{"/sw.js", "br, gzip", "gzip", "WGZ"},
		{"/assets/style-77.css", "br, gzip", "", "body{}"},
	} {
		w := do(h, "GET", c.path, "Accept-Encoding", c.accept)
		if w.Code != 200 || w.Body.String() != c.body || w.Header().Get("Content-Encoding") != c.encoding {
			t.Errorf("%s for %q: %d %q %v", c.path, c.accept, w.Code, w.Body, w.Header())
		}
		if other, seen := tags[w.Header().Get("ETag")]; seen && other != c.path+c.encoding {
			t.Errorf("%s and %s%s have one tag", other, c.path, c.encoding)
		}
		tags[w.Header().Get("ETag")] = c.path + c.encoding
		if again := do(h, "GET", c.path, "Accept-Encoding", c.accept, "If-None-Match", w.Header().Get("ETag")); again.Code != 304 {
			t.Errorf("%s for %q again: %d", c.path, c.accept, again.Code)
		}
	}
	if w := do(h, "GET", "/assets/main-1a2b3c4d.js", "Accept-Encoding", "br", "Range", "bytes=1-"); w.Code != 200 || w.Body.String() != "BR" || w.Header().Get("Content-Length") != "2" {
		t.Errorf("a part of what is compressed: %d %q", w.Code, w.Body)
	}
	if w := do(h, "GET", "/assets/main-1a2b3c4d.js", "Range", "bytes=0-5"); w.Code != 206 || w.Body.String() != "export" {
		t.Errorf("a part: %d %q", w.Code, w.Body)
	}
}

func TestPages(t *testing.T) {
	h := serve(t, dist())
	for _, path := range []string{"/", "/index.html", "/tickets/260101000017", "/board?wall=1", "/a/b/c/d", "/v12", "/documents", "/tickets/2.5"} {
		w := do(h, "GET", path, "Accept", html)
		head := w.Header()
		if w.Code != 200 || w.Body.String() != page || head.Get("Content-Type") != "text/html; charset=utf-8" || head.Get("Cache-Control") != "no-cache" || head.Get("Vary") != "Accept-Language, Cookie" {
			t.Errorf("%s: %d %q %v", path, w.Code, w.Body, head)
		}
		for name, part := range map[string]string{"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';", "Permissions-Policy": "microphone=(self), camera=(self), geolocation=(self), ",
			"Cross-Origin-Opener-Policy": "same-origin", "Referrer-Policy": "same-origin"} {
			if !strings.HasPrefix(head.Get(name), part) || strings.Contains(head.Get(name), "unsafe") {
				t.Errorf("%s: %s is %q", path, name, head.Get(name))
			}
		}
		if again := do(h, "GET", path, "Accept", html, "If-None-Match", head.Get("ETag")); again.Code != 304 || again.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s again: %d", path, again.Code)
		}
		if only := do(h, "HEAD", path, "Accept", html); only.Code != 200 || only.Body.Len() != 0 {
			t.Errorf("HEAD %s: %d", path, only.Code)
		}
		if post := do(h, "POST", path, "Accept", html); post.Code != http.StatusTeapot {
			t.Errorf("POST %s: %d", path, post.Code)
		}
	}
	if w := do(h, "GET", "/"); w.Code != 200 {
		t.Errorf("the root, to who says nothing: %d", w.Code)
	}
	for _, accept := range []string{"", "*/*", "application/json", "text/html;q=0", "text/htmlx"} {
		if w := do(h, "GET", "/tickets/1", "Accept", accept); w.Code != http.StatusTeapot {
			t.Errorf("Accept %q: %d", accept, w.Code)
		}
	}
	for _, path := range []string{"/v1", "/v1/x", "/web/x", "/web", "/healthz/x", "/docs/x", "/check/x/y", "/.well-known/x", "/openapi.json", "/assets", "/assets/", "/assets/gone-1.js",
		"/assets/main-1a2b3c4d.js.br", "/assets/%2e%2e/index.html", "/assets/..%2findex.html", "/assets/%5c..%5cindex.html"} {
		w := do(h, "GET", path, "Accept", html)
		for w.Code >= 300 && w.Code < 400 { // a path that is not clean leads to its clean form
			w = do(h, "GET", w.Header().Get("Location"), "Accept", html)
		}
		if w.Code != http.StatusTeapot && w.Body.String() != page {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
		if clean := !strings.Contains(path, "%"); clean && w.Code != http.StatusTeapot {
			t.Errorf("%s is a page of the app", path)
		}
	}
	if w := do(h, "GET", "/sw.js.gz", "Accept", "*/*"); w.Code != http.StatusTeapot {
		t.Errorf("a compressed file under its own name: %d", w.Code)
	}
}

// TestAPageOfItsOwn: an address may name more of what it is made of; it is the same page in all else, and its name is none of a file.
func TestAPageOfItsOwn(t *testing.T) {
	files := dist()
	own := strings.Replace(page, "</head>", `<link rel="modulepreload" href="/assets/main-1a2b3c4d.js"></head>`, 1)
	files["file.html"] = &fstest.MapFile{Data: []byte(own)}
	h := serve(t, files)
	for path, want := range map[string]string{"/file": own, "/file/1": page, "/files": page, "/": page, "/file.html": page} {
		if w := do(h, "GET", path, "Accept", html); w.Code != 200 || w.Body.String() != want || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
	}
	if w := do(h, "GET", "/file", "Accept", html, "Cookie", "tt_ui=theme=dark"); !strings.Contains(w.Body.String(), `data-theme="dark"`) || !strings.Contains(w.Body.String(), "modulepreload") {
		t.Errorf("in the dark: %q", w.Body)
	}
	files["file.html"] = &fstest.MapFile{Data: []byte("<html>")}
	if _, err := webapp.New(files, false, func() string { return "" }, http.NotFoundHandler()); err == nil {
		t.Error("served a page without the tag")
	}
}

func TestLooks(t *testing.T) {
	h := serve(t, dist())
	tags := map[string]string{}
	for _, c := range []struct{ cookie, accept, want string }{
		{"", "", `lang="zh-CN" data-theme="auto" data-size="standard"`},
		{"", "zh-CN,zh;q=0.9,en;q=0.8", `lang="zh-CN" data-theme="auto" data-size="standard"`},
		{"", "en-GB,en;q=0.9", `lang="en" data-theme="auto" data-size="standard"`},
		{"", "fr", `lang="zh-CN" data-theme="auto" data-size="standard"`},
		{"theme=dark&size=huge", "en", `lang="en" data-theme="dark" data-size="huge"`},
		{"lang=zh-CN", "en", `lang="zh-CN" data-theme="auto" data-size="standard"`},
		{"lang=en&theme=light&size=xlarge", "zh", `lang="en" data-theme="light" data-size="xlarge"`},
		{"size=large", "", `lang="zh-CN" data-theme="auto" data-size="large"`},
		{`theme=x&size=&lang=de&other=1`, "", `lang="zh-CN" data-theme="auto" data-size="standard"`},
		{`theme=dark%22%3E%3Cscript%3E&lang`, "", `lang="zh-CN" data-theme="auto" data-size="standard"`},
		{"&&=&dark", "", `lang="zh-CN" data-theme="auto" data-size="standard"`},
	} {
		w := do(h, "GET", "/", "Cookie", "x=1; tt_ui="+c.cookie+"; y=2", "Accept-Language", c.accept)
		if want := strings.Replace(page, `lang="zh-CN" data-theme="auto" data-size="standard"`, c.want, 1); w.Code != 200 || w.Body.String() != want {
			t.Errorf("%q and %q: %d %s", c.cookie, c.accept, w.Code, w.Body)
		}
		tags[w.Header().Get("ETag")] = c.want
	}
	if looks := len(maps.Collect(maps.All(tags))); looks != 5 {
		t.Errorf("%d tags for five looks", looks)
	}
	first := do(h, "GET", "/", "Cookie", "tt_ui=theme=dark")
	if w := do(h, "GET", "/", "Cookie", "tt_ui=theme=light", "If-None-Match", first.Header().Get("ETag")); w.Code != 200 {
		t.Errorf("another look is taken for the one before: %d", w.Code)
	}
}

// TestASlowReaderGetsAllOfIt: the server's own time for an answer is for those of the API.
func TestASlowReaderGetsAllOfIt(t *testing.T) {
	files := dist()
	files["assets/large-1.js"] = &fstest.MapFile{Data: bytes.Repeat([]byte("x"), 16<<20)} // more than lies between
	s := httptest.NewUnstartedServer(serve(t, files))
	s.Config.WriteTimeout = 100 * time.Millisecond
	s.Start()
	defer s.Close()
	response, err := http.Get(s.URL + "/assets/large-1.js")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	<-time.After(300 * time.Millisecond)
	if n, err := io.Copy(io.Discard, response.Body); err != nil || n != 16<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
}

func TestWhichBuild(t *testing.T) {
	ask := func(files fs.FS) (out struct {
		Build string
		Demo  bool
		City  string
	}) {
		w := do(serve(t, files), "GET", "/web/build")
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%v %v", err, w.Header())
		}
		return out
	}
	one, next := dist(), dist()
	next["index.html"] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(page, "1a2b3c4d", "5e6f7a8b"))}
	if a, b := ask(one), ask(next); a.Build == "" || a.Build == b.Build || a != ask(one) || !a.Demo || a.City != "410900" {
		t.Errorf("%v, then %v", a, b)
	}
}

// TestAnAppThatCannotBeServedIsNot: without the tag nobody's choices would be seen.
func TestAnAppThatCannotBeServedIsNot(t *testing.T) {
	without, twice := dist(), dist()
	delete(without, "index.html")
	twice["index.html"] = &fstest.MapFile{Data: []byte(page + page)}
	for _, files := range []fs.FS{without, twice, fstest.MapFS{"index.html": {Data: []byte("<html>")}}} {
		if _, err := webapp.New(files, false, func() string { return "" }, http.NotFoundHandler()); err == nil {
			t.Error("served")
		}
	}
}

// TestTheCommittedBuild can be served under its own policy: no script or style inside the page, nothing from elsewhere, and all it names is there.
func TestTheCommittedBuild(t *testing.T) {
	h := serve(t, webapp.Dist())
	for _, path := range []string{"/", "/file"} {
		t.Run(path, func(t *testing.T) { inOrder(t, h, path) })
	}
	if first := do(h, "GET", "/file", "Accept", html).Body.String(); strings.Count(first, "modulepreload") < 2 {
		t.Errorf("the page that files does not name what it is made of: %s", first)
	}
}

func inOrder(t *testing.T, h http.Handler, path string) {
	w := do(h, "GET", path, "Accept", html)
	text := w.Body.String()
	if w.Code != 200 {
		t.Fatalf("%d", w.Code)
	}
	for _, part := range strings.Split(text, "<script")[1:] {
		if tag, inside, _ := strings.Cut(part, ">"); !strings.Contains(tag, " src=") || !strings.HasPrefix(strings.TrimSpace(inside), "</script>") {
			t.Errorf("a script inside the page: <script%s", tag)
		}
	}
	for _, bad := range []string{"<style", "style=", "onload=", "onerror=", `src="http`, `src="//`} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	for _, part := range strings.Split(text, `"/assets/`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		if w := do(h, "GET", "/assets/"+name); w.Code != 200 {
			t.Errorf("/assets/%s: %d", name, w.Code)
		}
	}
}

// TestTheCommittedBuildCompressed: what is served compressed is what is served plain. How small it is depends on who compressed it, what is in it may not.
func TestTheCommittedBuildCompressed(t *testing.T) {
	files, compressed := webapp.Dist(), 0
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		plain, kind, packed := "", "", false
		for _, kind = range []string{".gz", ".br"} {
			if plain, packed = strings.CutSuffix(path, kind); packed {
				break
			}
		}
		if err != nil || !packed {
			return err
		}
		compressed++
		want, err := fs.ReadFile(files, plain)
		if err != nil {
			return err
		}
		f, err := files.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		var r io.Reader = brotli.NewReader(f)
		if kind == ".gz" {
			if r, err = gzip.NewReader(f); err != nil {
				return err
			}
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v; want %d", path, len(got), err, len(want))
		}
		return nil
	})
	if err != nil || compressed == 0 {
		t.Errorf("%d files, %v", compressed, err)
	}
}

func TestWhatIsAnsweredFromMemory(t *testing.T) {
	for path, want := range map[string]bool{"/": true, "/assets/a.js": true, "/sw.js": true, "/tickets/1": true, "/v1/x": false, "/web/session": false, "/healthz": false,
		"/check/410900": false, "/docs/": false} {
		if webapp.Asked(httptest.NewRequest("GET", path, nil)) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}

// A worker is bound by the policy that it is itself sent with: one that may connect to nothing could keep nothing, and would never be installed.
func TestTheWorkerMayFetchTheApp(t *testing.T) {
	recorder := httptest.NewRecorder()
	serve(t, dist()).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/sw.js", nil))
	if got := recorder.Header().Get("Content-Security-Policy"); !strings.Contains(got, "connect-src 'self'") || !strings.Contains(got, "default-src 'none'") {
		t.Errorf("the worker's policy is %q", got)
	}
}
