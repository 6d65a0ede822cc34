//go:build scenario

package standalone_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/standalone"
)

// TestBadInput sends to every operation of the OpenAPI document everything that is wrong for it, as everybody who might be let in:
// each is refused with the code of a caller's mistake, in the one shape, with a reason and in both languages; nothing breaks, nothing
// is written to the log that an operator must look at, and nothing is half done.
func TestBadInput(t *testing.T) {
	b := boot(t, t.TempDir(), withDemo, func(c *standalone.Config) {
		c.Limits = directory.Limits{AddressPerMinute: 1e6, AddressPerHour: 1e6, CityPerMinute: 1e6} // the limits are not what is tested
	})
	filer := b.as("entrepreneur")
	ticket := b.want(filer.text("accessToken"), http.MethodPost, city+"/tickets", fields{"title": "停水", "body": "厂区停水。"}).text("name")
	b.idle()
	b.want(b.as("attendant").text("accessToken"), http.MethodPost, "/v1/"+ticket+":sign", fields{})
	b.want(b.as("attendant").text("accessToken"), http.MethodPost, "/v1/"+ticket+"/workOrders", fields{"unit": b.as("clerk").text("unit"), "text": "请核对材料。"})
	before := b.state(ticket)

	document, all := operations(t, map[string]string{
		"city": "410900", "ticket": last(ticket), "enterprise": last(filer["enterprises"].([]any)[0].(string)),
		// Of nobody: nothing is dismissed, removed or ended, whatever is let through.
		"person": someID, "member": someID, "binding": someID, "official": someID, "workOrder": "1", "visit": someID, "period": "2026-01", "attachment": someID, "commonIssue": someID,
	})
	if len(all) < 45 {
		t.Fatalf("only %d operations in the document", len(all))
	}
	var wrong, strange []badCase
	for _, o := range all {
		for _, c := range document.cases(o) {
			if c.strange {
				strange = append(strange, c)
			} else {
				wrong = append(wrong, c)
			}
		}
	}
	tokens := map[string]string{"": ""}
	for _, persona := range []string{"entrepreneur", "attendant", "dispatcher", "supervisor", "mayor", "clerk", "admin"} {
		tokens[persona] = b.as(persona).text("accessToken")
	}
	b.sendAll(wrong, tokens)
	b.sendAll(unsigned(document, all), forged(tokens["admin"]))
	if after := b.state(ticket); after != before {
		t.Errorf("something was half done: %s is now %s", before, after)
	}
	b.sendAll(strange, tokens)
	t.Logf("%d operations, %d wrong and %d strange requests, each from %d callers", len(all), len(wrong), len(strange), len(tokens))
	for _, line := range b.logs.All() {
		if line.Level >= zap.ErrorLevel || strings.Contains(line.Message, "panic") {
			t.Errorf("logged: %s %s %v", line.LoggerName, line.Message, line.ContextMap())
		}
	}
}

// unsigned are sound requests to what only who is signed in may call.
func unsigned(d *apiDocument, all []operation) (out []badCase) {
	for _, o := range all {
		if o.secured {
			c := badCase{name: "a token that is none", o: o}
			if o.method == http.MethodPost {
				c.body = d.text(o, nil)
			}
			out = append(out, c)
		}
	}
	return out
}

// forged are tokens that nobody issued, made from one that somebody did.
func forged(token string) map[string]string {
	part := strings.Split(token, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"at+jwt"}`))
	symmetric := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"at+jwt"}`))
	claims, _ := base64.RawURLEncoding.DecodeString(part[1])
	other := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(claims), `"410900"`, `"410700"`, 1)))
	return map[string]string{
		"nobody": "", "anybody": "x", "who signs with nothing": none + "." + part[1] + ".", "who signs with a public key": symmetric + "." + part[1] + "." + part[2],
		"who is of another city": part[0] + "." + other + "." + part[2], "who has no signature": part[0] + "." + part[1] + ".",
		"who has two": token + "." + part[2], "who is endless": token + strings.Repeat("A", 10_000), "who breaks the line": "a\tb",
	}
}

// state is what bad input must leave alone: the ticket, how many there are, and the people.
func (b *booted) state(ticket string) string {
	b.t.Helper()
	token := b.as("mayor").text("accessToken")
	found := b.want(token, http.MethodGet, "/v1/"+ticket, nil)
	all, _ := b.want(token, http.MethodGet, city+"/tickets?pageSize=200", nil)["tickets"].([]any)
	bindings, _ := b.want(b.as("dispatcher").text("accessToken"), http.MethodGet, city+"/bindings?pageSize=200", nil)["bindings"].([]any)
	return fmt.Sprintf("ticket at version %s of %d, %d bindings, city at version %v", found.text("etag"), len(all), len(bindings),
		b.want(token, http.MethodGet, city, nil)["version"])
}

// last is the last part of a resource name.
func last(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// sendAll sends all cases as all callers, some at a time. Only the first complaints are said: one defect shows in many places.
func (b *booted) sendAll(cases []badCase, tokens map[string]string) {
	b.t.Helper()
	const senders, most = 8, 40
	type job struct {
		badCase
		persona, token string
	}
	jobs := make(chan job)
	complaints := make(chan string)
	var sending sync.WaitGroup
	for range senders {
		sending.Go(func() {
			for j := range jobs {
				if complaint := b.complain(j.badCase, j.token); complaint != "" {
					complaints <- fmt.Sprintf("%s, %s, as %q: %s", j.o, j.name, j.persona, complaint)
				}
			}
		})
	}
	go func() {
		for _, c := range cases {
			for persona, token := range tokens {
				jobs <- job{c, persona, token}
			}
		}
		close(jobs)
		sending.Wait()
		close(complaints)
	}()
	n := 0
	for complaint := range complaints {
		if n++; n <= most {
			b.t.Error(complaint)
		}
	}
	if n > most {
		b.t.Errorf("and %d more", n-most)
	}
}

// complain sends a bad request and says what is wrong with the answer, if anything is.
func (b *booted) complain(c badCase, token string) string {
	request, err := http.NewRequestWithContext(b.t.Context(), c.o.method, b.base+c.o.path, strings.NewReader(c.body))
	if err != nil {
		return err.Error()
	}
	if c.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	english := len(c.name)%2 > 0 // either language for half of the cases
	if english {
		request.Header.Set("Accept-Language", "en")
	}
	for name, value := range c.headers {
		request.Header.Set(name, value)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	var text []byte
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") { // which does not end
		text, err = io.ReadAll(response.Body)
	}
	switch {
	case err != nil:
		return err.Error()
	case response.StatusCode == http.StatusOK && c.strange:
		return ""
	case response.StatusCode == http.StatusOK:
		return fmt.Sprintf("it was taken: %.200s", text)
	case response.StatusCode >= 500 || response.StatusCode < 400:
		return fmt.Sprintf("%s: %.300s", response.Status, text)
	}
	if c.o.method == http.MethodHead {
		return "" // which has no body to say why in
	}
	return shapeless(response, text, english)
}

// shapeless says what an error lacks.
func shapeless(response *http.Response, text []byte, english bool) string {
	var problem struct {
		Code    int
		Message string
		Details []struct {
			Type                            string `json:"@type"`
			Reason, Domain, Locale, Message string
		}
	}
	if err := json.Unmarshal(text, &problem); err != nil {
		return fmt.Sprintf("%s: not JSON: %.200s", response.Status, text)
	}
	reason, said := "", map[string]string{}
	for _, d := range problem.Details {
		switch d.Type {
		case "type.googleapis.com/google.rpc.ErrorInfo":
			reason = d.Reason
		case "type.googleapis.com/google.rpc.LocalizedMessage":
			said[d.Locale] = d.Message
		}
	}
	language := "zh-CN"
	if english {
		language = "en"
	}
	switch {
	case problem.Code == 0 || reason == "":
		return fmt.Sprintf("%s without code or reason: %.200s", response.Status, text)
	case said["zh-CN"] == "" || said["en"] == "":
		return fmt.Sprintf("%s in one language: %.300s", response.Status, text)
	case problem.Message != said[language] && response.Request.Header.Get("Accept-Language") != "tlh;q=9,*;q=x":
		return fmt.Sprintf("%s in another language than %s: %s", response.Status, language, problem.Message)
	case response.Header.Get("X-Request-Id") == "":
		return response.Status + " without a request id"
	}
	return ""
}
