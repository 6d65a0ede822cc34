package guard

import (
	"strings"
	"testing"
)

func TestPathsInTheLogAreOurOwnWords(t *testing.T) {
	const id = "01941f29-7c00-7000-8000-000000000001"
	for path, want := range map[string]string{
		"/v1/cities/410900/tickets/" + id + ":sign":    "/v1/cities/410900/tickets/" + id + ":sign",
		"/v1/cities/410900:watch":                      "/v1/cities/410900:watch",
		"/.well-known/jwks.json":                       "/…/jwks.json",
		"/v1/cities/410900/tickets/13912345678":        "/v1/cities/410900/tickets/…",
		"/张三/13912345678:x":                            "/…/…",
		"/v1/cities/410900/board/periods/2026-10":      "/v1/cities/410900/board/periods/…",
		"/" + strings.Repeat("a", 41):                  "/…",
		strings.Repeat("/a", 99):                       strings.Repeat("/a", maxSegments-1) + "/…",
		"/v1/cities/410900/tickets/" + id + "\nforged": "/v1/cities/410900/tickets/…",
	} {
		if got := plain(path); got != want {
			t.Errorf("%s is logged as %s, want %s", path, got, want)
		}
	}
}
