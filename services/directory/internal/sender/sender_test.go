package sender_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/throughtrain/throughtrain/services/directory/internal/sender"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
)

var message = sender.Message{City: "410900", Phone: "13800000001", Code: "123456", Expires: time.Date(2026, 11, 20, 9, 5, 0, 0, time.UTC)}

const secret = "shared with the gateway"

func gateway(t *testing.T, handle http.HandlerFunc) sender.Sender {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	s, err := sender.HTTP(sender.HTTPConfig{URL: server.URL + "/send?key=hidden", Secret: []byte(secret), Timeout: 300 * time.Millisecond,
		Wall: movable.New(time.Unix(1_700_000_000, 0))})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAGatewayGetsASignedMessage(t *testing.T) {
	var got map[string]string
	s := gateway(t, func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mac := hmac.New(sha256.New, []byte(secret))
		fmt.Fprintf(mac, "1700000000.%s", content)
		if want := "t=1700000000,v1=" + hex.EncodeToString(mac.Sum(nil)); r.Header.Get(sender.SignatureHeader) != want || r.Method != http.MethodPost {
			t.Errorf("%s, signature %q, want %q", r.Method, r.Header.Get(sender.SignatureHeader), want)
		}
		if err := json.Unmarshal(content, &got); err != nil {
			t.Error(err)
		}
	})
	if err := s.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	if got["phone"] != "+8613800000001" || got["code"] != "123456" || got["city"] != "410900" || got["expireTime"] != "2026-11-20T09:05:00Z" {
		t.Errorf("got %v", got)
	}
}

func TestFailuresOfAGatewayTellNothing(t *testing.T) {
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	stop := make(chan struct{})
	defer close(stop)
	for name, handle := range map[string]http.HandlerFunc{
		"refuses": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "13800000001 123456", http.StatusBadRequest)
		},
		"breaks": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"redirects": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		},
		"hangs": func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-stop:
			case <-r.Context().Done():
			}
		},
	} {
		err := gateway(t, handle).Send(t.Context(), message)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, hidden := range []string{"13800000001", "123456", "hidden", secret} {
			if strings.Contains(err.Error(), hidden) {
				t.Errorf("%s: the error tells %q: %v", name, hidden, err)
			}
		}
	}
	if elsewhere != 0 {
		t.Error("a redirect was followed")
	}
}

func TestGatewaysThatAreRefused(t *testing.T) {
	for name, c := range map[string]sender.HTTPConfig{
		"no address":              {URL: "", Secret: []byte(secret)},
		"not absolute":            {URL: "/send", Secret: []byte(secret)},
		"open network":            {URL: "http://sms.example/send", Secret: []byte(secret)},
		"another scheme":          {URL: "ftp://sms.example/send", Secret: []byte(secret)},
		"credentials in the open": {URL: "https://user:pass@sms.example/send", Secret: []byte(secret)},
		"short secret":            {URL: "https://sms.example/send", Secret: []byte("short")},
	} {
		if _, err := sender.HTTP(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := sender.HTTP(sender.HTTPConfig{URL: "https://sms.example/send", Secret: []byte(secret)}); err != nil {
		t.Error(err)
	}
}

func TestTheLogHasTheCodeAndNotThePhone(t *testing.T) {
	core, entries := observer.New(zap.WarnLevel)
	if err := sender.Log(zap.New(core)).Send(context.Background(), message); err != nil {
		t.Fatal(err)
	}
	fields := entries.All()[0].ContextMap()
	if fields["code"] != "123456" || fields["phone"] != "138****0001" {
		t.Errorf("got %v", fields)
	}
}
