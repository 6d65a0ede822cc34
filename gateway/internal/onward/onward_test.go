package onward_test

import (
	"net/http/httptest"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/throughtrain/throughtrain/gateway/internal/onward"
)

func TestWhatGoesOn(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer a\tb")
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("Cookie", "session=1")
	meta, _ := metadata.FromOutgoingContext(onward.Context(t.Context(), r, "192.0.2.1"))
	for key, want := range map[string]int{"authorization": 0, "accept-language": 1, "x-client-address": 1, "cookie": 0} {
		if got := len(meta.Get(key)); got != want {
			t.Errorf("%s: %d values, want %d", key, got, want)
		}
	}
}
