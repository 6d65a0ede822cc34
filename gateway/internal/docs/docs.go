// Package docs serves the description of the API: the OpenAPI document as it is generated, and a page that makes it readable
// without any script from elsewhere. It depends on the generated document only.
package docs

import (
	"embed"
	"io/fs"
	"net/http"

	"github.com/throughtrain/throughtrain/proto/gen/openapi"
)

//go:embed static
var static embed.FS

// policy lets the page load its own script and style and read the document, nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Register adds the routes.
func Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(openapi.Document)
	})
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is part of the binary
	}
	pages := http.StripPrefix("/docs/", http.FileServerFS(files))
	mux.Handle("GET /docs", http.RedirectHandler("/docs/", http.StatusMovedPermanently))
	mux.HandleFunc("GET /docs/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Cache-Control", "no-cache")
		pages.ServeHTTP(w, r)
	})
}
