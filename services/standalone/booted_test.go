package standalone_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/standalone"
)

const (
	puyang = "../../deploy/config/cities/410900"
	city   = "/v1/cities/410900"
)

// booted is a process as main boots it, on a real listener, and what it sent and logged.
type booted struct {
	*standalone.Standalone
	t    *testing.T
	base string
	logs *observer.ObservedLogs

	stop  context.CancelFunc
	ended chan error
	once  sync.Once

	mu    sync.Mutex
	codes map[string]string // newest one-time code by phone
}

// boot starts the product on a data folder, and stops it at the end of the test.
func boot(t *testing.T, data string, with ...func(*standalone.Config)) *booted {
	t.Helper()
	b := open(t, data, with...)
	b.start()
	return b
}

// open opens the product on a data folder.
func open(t *testing.T, data string, with ...func(*standalone.Config)) *booted {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &booted{t: t, base: "http://" + listener.Addr().String(), codes: map[string]string{}, ended: make(chan error, 1)}
	core, logs := observer.New(zap.InfoLevel)
	b.logs = logs
	config := standalone.Config{Data: data, Cities: []string{puyang}, Log: zap.New(core), Listener: listener,
		Sender: directory.SenderFunc(func(_ context.Context, m directory.Message) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.codes[string(m.Phone)] = m.Code
			return nil
		})}
	for _, change := range with {
		change(&config)
	}
	b.Standalone, err = standalone.New(t.Context(), config)
	if err != nil {
		_ = listener.Close()
		t.Fatal(err)
	}
	return b
}

// start runs what was opened, and stops it at the end of the test.
func (b *booted) start() {
	b.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	b.stop = stop
	go func() { b.ended <- b.Run(ctx) }()
	b.t.Cleanup(b.shut)
	select {
	case <-b.Started():
	case err := <-b.ended:
		b.ended <- err
		b.t.Fatalf("the process ended at its start: %v", err)
	case <-time.After(30 * time.Second):
		b.t.Fatal("the process does not start")
	}
}

// shut stops the process as a signal does, and gives its data back.
func (b *booted) shut() {
	b.once.Do(func() {
		http.DefaultClient.CloseIdleConnections()
		b.stop()
		if err := <-b.ended; err != nil {
			b.t.Errorf("run: %v", err)
		}
		if err := b.Close(); err != nil {
			b.t.Errorf("close: %v", err)
		}
	})
}

func (b *booted) idle() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 20*time.Second)
	defer cancel()
	if err := b.Idle(ctx); err != nil {
		b.t.Fatalf("idle: %v", err)
	}
}

// document is an answer, read by its fields.
type document map[string]any

func (d document) text(field string) string { s, _ := d[field].(string); return s }

func (d document) in(path ...string) document {
	for _, field := range path {
		d, _ = d[field].(map[string]any)
	}
	return d
}

// reason is the machine's word in an error.
func (d document) reason() string {
	details, _ := d["details"].([]any)
	for _, detail := range details {
		if info, ok := detail.(map[string]any); ok && info["@type"] == "type.googleapis.com/google.rpc.ErrorInfo" {
			return info["reason"].(string)
		}
	}
	return ""
}

// call sends a request and returns status and answer.
func (b *booted) call(token, method, path string, body any) (int, document) {
	b.t.Helper()
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		in = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, in)
	if err != nil {
		b.t.Fatal(err)
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	out := document{}
	if err := json.NewDecoder(response.Body).Decode(&out); err != nil {
		b.t.Fatalf("%s %s: %d, and the answer is no JSON: %v", method, path, response.StatusCode, err)
	}
	return response.StatusCode, out
}

// want is call for what must succeed.
func (b *booted) want(token, method, path string, body any) document {
	b.t.Helper()
	status, out := b.call(token, method, path, body)
	if status != http.StatusOK {
		b.t.Fatalf("%s %s: %d %v", method, path, status, out)
	}
	return out
}

type fields map[string]any

// byCode signs somebody in with the code that reaches their phone.
func (b *booted) byCode(phone string) document {
	b.t.Helper()
	asked := b.want("", http.MethodPost, city+"/sessions:requestCode", fields{"phone": phone})
	b.mu.Lock()
	code := b.codes[phone]
	b.mu.Unlock()
	return b.want("", http.MethodPost, city+"/sessions:signInWithCode", fields{"challenge": asked.text("challenge"), "code": code})
}

// byPassword signs an official in with a first password.
func (b *booted) byPassword(login string) document {
	b.t.Helper()
	password, err := b.GiveInitialPassword(b.t.Context(), "410900", login)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.want("", http.MethodPost, city+"/sessions:signInWithPassword", fields{"login": login, "password": password})
}

func (b *booted) as(persona string) document {
	b.t.Helper()
	return b.want("", http.MethodPost, "/v1/demo:signIn", fields{"persona": persona})
}
