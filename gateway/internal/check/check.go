// Package check serves the page on which anybody who holds a certificate sees whether it is in force: the address printed on it leads here. It needs no
// script. It depends on the agency's contract and on kit's fault and language.
package check

import (
	"context"
	_ "embed" // the page and its style
	"html/template"
	"net/http"
	"regexp"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// Certificates is what the page asks.
type Certificates interface {
	CheckCertificate(ctx context.Context, in *agencyv1.CheckCertificateRequest, opts ...grpc.CallOption) (*agencyv1.CertificateCheck, error)
}

//go:embed page.html
var source string

//go:embed page.css
var style []byte

// policy lets the page load its own style and send its own form, nothing else.
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

var city = regexp.MustCompile(`^[0-9]{6}$`)

// timeout is how long the page waits for an answer.
const timeout = 5 * time.Second

// page is what the template shows.
type page struct {
	English      bool
	City         string
	Number, Code string
	Asked        bool
	Found        *agencyv1.CertificateCheck
	State        string // valid, expired, revoked, early
	Problem      string // why there is no answer
}

// T picks the text in the reader's language.
func (p page) T(zh, en string) string { return language.Language(p.English).Pick(zh, en) }

var states = map[agencyv1.CertificateCheck_State]string{
	agencyv1.CertificateCheck_VALID: "valid", agencyv1.CertificateCheck_EXPIRED: "expired",
	agencyv1.CertificateCheck_REVOKED: "revoked", agencyv1.CertificateCheck_NOT_YET_VALID: "early",
}

// Register adds the routes.
func Register(mux *http.ServeMux, certificates Certificates) {
	shown := template.Must(template.New("page").Parse(source))
	mux.HandleFunc("GET /check/page.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(style)
	})
	mux.HandleFunc("GET /check/{city}", func(w http.ResponseWriter, r *http.Request) {
		p := page{English: bool(language.Preferred(r.Header.Values("Accept-Language")...)), City: r.PathValue("city"),
			Number: r.URL.Query().Get("number"), Code: r.URL.Query().Get("code")}
		if !city.MatchString(p.City) {
			http.NotFound(w, r)
			return
		}
		status := http.StatusOK
		if p.Asked = p.Number != "" || p.Code != ""; p.Asked {
			status = p.ask(r, certificates)
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer") // the address holds the code
		w.WriteHeader(status)
		_ = shown.Execute(w, p) // a reader who went away
	})
}

// ask fills in what is known, and returns the status to answer with.
func (p *page) ask(r *http.Request, certificates Certificates) int {
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", p.T("zh-CN", "en"))
	found, err := certificates.CheckCertificate(ctx, &agencyv1.CheckCertificateRequest{Parent: "cities/" + p.City, Number: p.Number, Code: p.Code})
	if err == nil {
		p.Found, p.State = found, states[found.GetState()]
		return http.StatusOK
	}
	f := wire.From(err)
	switch f.Kind {
	case fault.NotFound, fault.Invalid:
		p.Problem = p.T("没有查到这份证照：编号或校验码不对。请照证照上所印重新填写。", "No certificate has this number and code. Type both as they are printed on it.")
		return http.StatusNotFound
	case fault.Exhausted:
		p.Problem = language.Language(p.English).Say(f.Text)
		return http.StatusTooManyRequests
	default:
		p.Problem = p.T("暂时无法核验，请稍后再试。", "It cannot be checked at the moment. Try again later.")
		return http.StatusServiceUnavailable
	}
}
