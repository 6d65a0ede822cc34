package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock"
)

// client speaks REST with the product, as any program outside would.
type client struct {
	http *http.Client
	base string      // http://127.0.0.1:PORT
	wall clock.Clock // of tokens
}

func newClient(address string, wall clock.Clock) *client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.MaxIdleConnsPerHost = atOnce
	return &client{http: &http.Client{Transport: transport, Timeout: time.Minute}, base: "http://" + address, wall: wall}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// apiError is a refusal in the product's words.
type apiError struct {
	status int
	reason string
	text   string
}

// Error implements error.
func (e *apiError) Error() string { return fmt.Sprintf("%d %s: %s", e.status, e.reason, e.text) }

// refused tells whether the product would not take what it was given, as opposed to not being able to.
func refused(err error) (*apiError, bool) {
	var e *apiError
	ok := errors.As(err, &e) && e.status >= 400 && e.status < 500 && e.status != http.StatusUnauthorized && e.status != http.StatusTooManyRequests
	return e, ok
}

// call sends a request and reads the answer into out, which may be nil.
func (c *client) call(ctx context.Context, token, method, path, key string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Accept-Language", "en")
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	return c.exchange(request, token, out)
}

// exchange sends a request and reads the answer into out, which may be nil.
func (c *client) exchange(request *http.Request, token string, out any) error {
	method, path := request.Method, request.URL.Path
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %w", method, path, errorOf(response.StatusCode, answer))
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

func errorOf(status int, answer []byte) error {
	var problem struct {
		Message string
		Details []struct{ Reason string }
	}
	e := &apiError{status: status, reason: http.StatusText(status), text: string(answer)}
	if json.Unmarshal(answer, &problem) != nil {
		return e
	}
	e.text = problem.Message
	for _, d := range problem.Details {
		if d.Reason != "" {
			e.reason = d.Reason
			break
		}
	}
	return e
}

// person is somebody who is signed in, and stays so.
type person struct {
	client *client

	mu      sync.Mutex
	session session
}

type session struct {
	AccessToken, RefreshToken, Person string
	ExpireTime                        time.Time
}

// freshFor is how long a token must still be good to be used: longer than any call takes.
const freshFor = 2 * time.Minute

// do sends a request as the person.
func (p *person) do(ctx context.Context, method, path, key string, in, out any) error {
	token, err := p.token(ctx)
	if err != nil {
		return err
	}
	return p.client.call(ctx, token, method, path, key, in, out)
}

func (p *person) post(ctx context.Context, path, key string, in, out any) error {
	return p.do(ctx, http.MethodPost, path, key, in, out)
}

func (p *person) get(ctx context.Context, path string, out any) error {
	return p.do(ctx, http.MethodGet, path, "", nil, out)
}

// send sends the whole of an announced file.
func (p *person) send(ctx context.Context, path string, content []byte) error {
	token, err := p.token(ctx)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPatch, p.client.base+path, bytes.NewReader(content))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/offset+octet-stream")
	request.Header.Set("Upload-Offset", "0")
	return p.client.exchange(request, token, nil)
}

func (p *person) token(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.session.ExpireTime.Sub(p.client.wall.Now()) < freshFor {
		if err := p.refresh(ctx); err != nil {
			return "", err
		}
	}
	return p.session.AccessToken, nil
}

// refresh changes the pair of tokens; the new ones say what the person may do now.
func (p *person) refresh(ctx context.Context) error {
	var next session
	err := p.client.call(ctx, "", http.MethodPost, "/v1/sessions:refresh", "", map[string]string{"refreshToken": p.session.RefreshToken}, &next)
	if err == nil {
		p.session = next
	}
	return err
}
