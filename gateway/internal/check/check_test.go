package check_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/throughtrain/throughtrain/gateway/internal/check"
	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

type register map[string]*agencyv1.CertificateCheck

func (r register) CheckCertificate(ctx context.Context, in *agencyv1.CheckCertificateRequest, _ ...grpc.CallOption) (*agencyv1.CertificateCheck, error) {
	sent, _ := metadata.FromOutgoingContext(ctx)
	switch found := r[in.GetNumber()]; {
	case in.GetNumber() == "away":
		return nil, fault.New(fault.Unavailable, "AWAY", "不在", "away")
	case found == nil || in.GetCode() != "CODE" || in.GetParent() != "cities/410900" || len(sent.Get("accept-language")) != 1:
		return nil, fault.New(fault.NotFound, "CERTIFICATE_NOT_FOUND", "没有", "none")
	default:
		return found, nil
	}
}

func TestPage(t *testing.T) {
	mux := http.NewServeMux()
	check.Register(mux, register{
		"410900-1": {Number: "410900-1", State: agencyv1.CertificateCheck_VALID, DisplayName: "施工许可证", ProjectTitle: "<script>alert(1)</script>", ValidFrom: "2026-03-02"},
		"410900-2": {Number: "410900-2", State: agencyv1.CertificateCheck_REVOKED}, "410900-3": {Number: "410900-3", State: agencyv1.CertificateCheck_EXPIRED},
		"410900-4": {Number: "410900-4", State: agencyv1.CertificateCheck_NOT_YET_VALID},
	})
	for _, c := range []struct {
		path, language string
		status         int
		want           string
	}{
		{"/check/410900", "", 200, "填写证照上印的编号"},
		{"/check/410900", "en", 200, "Type the number"},
		{"/check/410900?number=410900-1&code=CODE", "", 200, "有效</h2>"},
		{"/check/410900?number=410900-1&code=CODE", "", 200, "&lt;script&gt;"},
		{"/check/410900?number=410900-1&code=CODE", "en", 200, "In force</h2>"},
		{"/check/410900?number=410900-2&code=CODE", "", 200, `class="revoked"`},
		{"/check/410900?number=410900-3&code=CODE", "", 200, "已过有效期"},
		{"/check/410900?number=410900-4&code=CODE", "", 200, "尚未生效"},
		{"/check/410900?number=410900-1&code=WRONG", "", 404, "没有查到这份证照"},
		{"/check/410900?number=nobody&code=CODE", "en", 404, "No certificate has this number"},
		{"/check/410900?number=away&code=CODE", "", 503, "暂时无法核验"},
		{"/check/411000?number=410900-1&code=CODE", "", 404, "没有查到这份证照"},
		{"/check/x", "", 404, ""},
		{"/check/page.css", "", 200, "--paper"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, c.path, nil)
		r.Header.Set("Accept-Language", c.language)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		body := w.Body.String()
		if w.Code != c.status || !strings.Contains(body, c.want) || strings.Contains(body, "<script>alert") {
			t.Errorf("%s (%s): %d\n%s", c.path, c.language, w.Code, body)
		}
		if page := strings.HasPrefix(body, "<!doctype"); page && (!strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") ||
			w.Header().Get("Referrer-Policy") != "no-referrer" || w.Header().Get("Cache-Control") != "no-store") {
			t.Errorf("%s: headers %v", c.path, w.Header())
		}
	}
}
