// Package sender brings one-time codes to phones: through the city's message gateway over HTTP, or into the log where there is
// none. It depends on the phone and on zap.
package sender

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/directory/internal/person"
	"github.com/throughtrain/throughtrain/services/kit/clock"
)

// Message is a code on its way to a phone.
type Message struct {
	City    string
	Phone   person.Phone
	Code    string
	Expires time.Time
}

// Sender delivers messages. It returns when the message was taken over for delivery, or an error; whether it reaches the
// phone nobody knows.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Func is a Sender made of a function: what tests and replays receive codes with.
type Func func(ctx context.Context, m Message) error

// Send implements Sender.
func (f Func) Send(ctx context.Context, m Message) error { return f(ctx, m) }

// Log writes codes into the log, for an installation that is tried out. It is the only place where a code may appear in one.
func Log(log *zap.Logger) Sender {
	return Func(func(_ context.Context, m Message) error {
		log.Warn("one-time code (no message gateway is configured)",
			zap.String("city", m.City), zap.String("phone", m.Phone.Masked()), zap.String("code", m.Code), zap.Time("expires", m.Expires))
		return nil
	})
}

// HTTPConfig is a message gateway.
type HTTPConfig struct {
	// URL takes a POST with a JSON body. It is https unless the host is this machine.
	URL string
	// Secret signs the request.
	Secret []byte
	// Timeout of one delivery; 5 s when zero.
	Timeout time.Duration
	// Wall is the clock in the signature.
	Wall clock.Clock
}

// SignatureHeader is t=SECONDS,v1=HEX: the HMAC-SHA256, under the secret shared with the gateway, over the seconds, a dot and
// the body. The receiver refuses what is older than a few minutes.
const SignatureHeader = "Throughtrain-Signature"

const maxAnswer = 4 << 10

// body is what the gateway gets.
type body struct {
	City       string    `json:"city"`
	Phone      string    `json:"phone"` // with +86
	Code       string    `json:"code"`
	ExpireTime time.Time `json:"expireTime"`
}

// HTTP delivers through a gateway. Redirects are not followed: who holds the secret has told us one address.
func HTTP(c HTTPConfig) (Sender, error) {
	target, err := url.Parse(c.URL)
	if err != nil || target.Host == "" || target.User != nil {
		return nil, errors.New("sender: the gateway needs an absolute address without credentials in it")
	}
	if target.Scheme != "https" && !(target.Scheme == "http" && isLoopback(target.Hostname())) {
		return nil, fmt.Errorf("sender: %s over %s would show codes to the network; use https", target.Hostname(), target.Scheme)
	}
	if len(c.Secret) < 16 {
		return nil, errors.New("sender: the secret shared with the gateway needs at least 16 bytes")
	}
	if c.Timeout <= 0 {
		c.Timeout = 5 * time.Second
	}
	client := &http.Client{Timeout: c.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &httpSender{HTTPConfig: c, client: client}, nil
}

func isLoopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

type httpSender struct {
	HTTPConfig
	client *http.Client
}

// Send implements Sender. Errors name neither phone nor code.
func (s *httpSender) Send(ctx context.Context, m Message) error {
	content, err := json.Marshal(body{City: m.City, Phone: "+86" + string(m.Phone), Code: m.Code, ExpireTime: m.Expires.UTC()})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(content))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(SignatureHeader, sign(s.Secret, s.Wall.Now(), content))
	response, err := s.client.Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err // without the address, whose query may hold a key
		}
		return fmt.Errorf("message gateway: %w", err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer)) // so that the connection can be used again
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("message gateway: answered %s", response.Status)
	}
	return nil
}

func sign(secret []byte, now time.Time, content []byte) string {
	seconds := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(seconds + "."))
	mac.Write(content)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
