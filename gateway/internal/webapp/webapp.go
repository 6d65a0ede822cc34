// Package webapp serves the web app as its build left it in dist, which is committed: whoever builds the product needs Go and nothing else.
//
// What lies under assets is named after its content and kept by browsers for good; all else is asked for each time it is used. Files that lie
// compressed beside the originals (.br, .gz) are sent to who takes them. An address that is no file is one of the app's own, and answers with its page:
// NAME.html at /NAME, where there is one, which is the page with more to load at once, and index.html everywhere else.
//
// The page comes in the reader's language, theme and size: the attributes of <html> are set from the cookie tt_ui, which the app writes as words
// joined by &, such as theme=dark&size=large&lang=en; what it does not say, or says wrong, is as in the template, the language as the browser prefers it.
//
// It depends on kit's language only.
package webapp

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
)

//go:embed all:dist
var built embed.FS

// Dist is the app as it was built.
func Dist() fs.FS {
	dist, err := fs.Sub(built, "dist")
	if err != nil {
		panic(err) // the folder is part of the binary
	}
	return dist
}

// pageName is the app's page among its files, and pageSuffix what such pages end with.
const (
	pageName   = "index.html"
	pageSuffix = ".html"
)

// The policies of the page. It needs nobody else's scripts, styles or servers, and of what a device can do: to be spoken to, photographed with and found.
const (
	policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; " +
		"font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	permissions = "microphone=(self), camera=(self), geolocation=(self), accelerometer=(), display-capture=(), gyroscope=(), hid=(), " +
		"magnetometer=(), midi=(), payment=(), serial=(), usb=()"
)

// workerName is the app's service worker among its files, and workerPolicy what it may do: fetch the app's files. It is judged by the policy that it is itself
// sent with, not by the page's.
const (
	workerName   = "/sw.js"
	workerPolicy = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
)

const (
	kept  = "public, max-age=31536000, immutable"
	asked = "no-cache"
)

// App is the built app.
type App struct {
	files map[string]*file             // by path, from the root
	pages map[string]map[look]*content // by address; under pageName at all that have none of their own
	build string
	demo  bool
	city  func() string
	next  http.Handler
}

// New reads a built app. What is not the app's is answered by next; city names the city that somebody who has not signed in belongs to.
func New(dist fs.FS, demo bool, city func() string, next http.Handler) (*App, error) {
	a := &App{files: map[string]*file{}, pages: map[string]map[look]*content{}, demo: demo, city: city, next: next}
	err := fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
			return nil
		}
		if address, is := strings.CutSuffix(name, pageSuffix); is {
			return a.readPage(dist, name, "/"+address)
		}
		a.files["/"+name], err = readFile(dist, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("webapp: %w", err)
	}
	if a.build == "" {
		return nil, fmt.Errorf("webapp: %s: %w", pageName, fs.ErrNotExist)
	}
	return a, nil
}

func (a *App) readPage(dist fs.FS, name, address string) error {
	page, err := fs.ReadFile(dist, name)
	if err != nil {
		return err
	}
	if name == pageName {
		a.build, address = digest(page), pageName
	}
	if a.pages[address], err = pagesOf(page); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Register adds the routes.
func (a *App) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /web/build", a.which)
	mux.Handle("/", a)
}

// others are those who answer under a name of their own: what they do not know is no page of the app.
var others = []string{"v1", "web", "healthz", "openapi.json", "docs", "check", ".well-known", "assets"}

// Asked tells requests that the app answers from memory, or would.
func Asked(r *http.Request) bool {
	first := firstOf(r.URL.Path)
	return first == "assets" || !slices.Contains(others, first)
}

func firstOf(name string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	return first
}

// ServeHTTP implements http.Handler.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		a.next.ServeHTTP(w, r)
		return
	}
	if f := a.files[r.URL.Path]; f != nil {
		if r.URL.Path == workerName {
			w.Header().Set("Content-Security-Policy", workerPolicy)
		}
		f.serve(w, r)
		return
	}
	if at := r.URL.Path; at == "/" || at == "/"+pageName || !slices.Contains(others, firstOf(at)) && takes(r.Header.Values("Accept"), "text/html") {
		a.page(w, r)
		return
	}
	a.next.ServeHTTP(w, r)
}

// page answers with the page in the reader's look.
func (a *App) page(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Permissions-Policy", permissions)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", asked)
	h.Set("Vary", "Accept-Language, Cookie")
	pages, own := a.pages[r.URL.Path]
	if !own {
		pages = a.pages[pageName]
	}
	pages[lookOf(r)].serve(w, r)
}

// which says which build is served, so that a screen on a wall knows when to load itself again, and whether anybody may sign in as anybody.
func (a *App) which(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", asked)
	_ = json.NewEncoder(w).Encode(map[string]any{"build": a.build, "demo": a.demo, "city": a.city()}) // a browser that went away
}

// file is a file of the app, as it is and compressed.
type file struct {
	plain, br, gz *content
	media, keep   string
}

// media are the types that a system's own table may not know.
var media = map[string]string{".webmanifest": "application/manifest+json", ".woff2": "font/woff2", ".js": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".ico": "image/x-icon", ".json": "application/json", ".txt": "text/plain; charset=utf-8"}

func readFile(dist fs.FS, name string) (*file, error) {
	f := &file{media: media[path.Ext(name)], keep: asked}
	if f.media == "" {
		f.media = mime.TypeByExtension(path.Ext(name))
	}
	if f.media == "" {
		f.media = "application/octet-stream"
	}
	if strings.HasPrefix(name, "assets/") {
		f.keep = kept
	}
	for suffix, into := range map[string]**content{"": &f.plain, ".br": &f.br, ".gz": &f.gz} {
		data, err := fs.ReadFile(dist, name+suffix)
		if errors.Is(err, fs.ErrNotExist) && suffix != "" {
			continue
		} else if err != nil {
			return nil, err
		}
		*into = newContent(data)
	}
	return f, nil
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.media)
	h.Set("Cache-Control", f.keep)
	h.Set("Vary", "Accept-Encoding")
	accepted := r.Header.Values("Accept-Encoding")
	switch {
	case f.br != nil && takes(accepted, "br"):
		f.br.serveEncoded(w, r, "br")
	case f.gz != nil && takes(accepted, "gzip"):
		f.gz.serveEncoded(w, r, "gzip")
	default:
		f.plain.serve(w, r)
	}
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:12])
}
