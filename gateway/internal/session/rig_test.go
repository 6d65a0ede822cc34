package session_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/throughtrain/throughtrain/gateway/internal/guard"
	"github.com/throughtrain/throughtrain/gateway/internal/session"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
)

const person = "01a2050d-5107-7035-b009-a741f39396b7"

// directory is a directory with behaviour: it opens sessions, knows which tokens are good, and a refresh token works once.
type directory struct {
	directoryv1.UnimplementedSessionServiceServer
	directoryv1.UnimplementedDemoServiceServer
	directoryv1.UnimplementedPersonServiceServer
	directoryv1.UnimplementedCityServiceServer

	enterprises int // of which who signs in is a member

	mu       sync.Mutex
	made     int
	access   map[string]string // state by token: good, expired, revoked
	newest   map[string]bool   // refresh tokens that work
	byCode   *directoryv1.SignInWithCodeRequest
	byLogin  *directoryv1.SignInWithPasswordRequest
	ended    []bool // everywhere or not, of each sign-out
	address  []string
	down     error
	nameless error // why nobody's name is known
}

func (d *directory) open() *directoryv1.Session {
	d.made++
	claims := map[string]any{"sub": person, "city": "410900", "sid": "s", "exp": time.Now().Add(10 * time.Minute).Unix(), "n": d.made}
	if d.enterprises == 0 {
		claims["unit"], claims["roles"] = "fgw", []map[string]string{{"role": "ATTENDANT", "unit": "fgw"}}
	}
	var members []string
	for i := range d.enterprises {
		members = append(members, fmt.Sprintf("01a2050d-5107-7035-b009-%012d", i))
	}
	if members != nil {
		claims["enterprises"], claims["ent_admin"] = members, members[:1]
	}
	text, _ := json.Marshal(claims)
	access := "h." + base64.RawURLEncoding.EncodeToString(text) + ".s"
	refresh := fmt.Sprintf("r1.refresh-%d", d.made)
	d.access[access], d.newest[refresh] = "good", true
	return &directoryv1.Session{AccessToken: access, RefreshToken: refresh, City: "410900",
		ExpireTime: timestamppb.New(time.Now().Add(10 * time.Minute)), RefreshExpireTime: timestamppb.New(time.Now().Add(time.Hour))}
}

func (d *directory) SignInWithCode(ctx context.Context, r *directoryv1.SignInWithCodeRequest) (*directoryv1.Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	meta, _ := metadata.FromIncomingContext(ctx)
	d.byCode, d.address = r, meta.Get("x-client-address")
	if r.GetCode() != "123456" {
		return nil, wire.Status(fault.New(fault.Unauthenticated, "CODE_WRONG", "验证码不正确。", "Wrong code.")).Err()
	}
	return d.open(), nil
}

func (d *directory) SignInWithPassword(_ context.Context, r *directoryv1.SignInWithPasswordRequest) (*directoryv1.Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.byLogin = r
	return d.open(), nil
}

func (d *directory) DemoSignIn(context.Context, *directoryv1.DemoSignInRequest) (*directoryv1.Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open(), nil
}

func (d *directory) RefreshSession(_ context.Context, r *directoryv1.RefreshSessionRequest) (*directoryv1.Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.down != nil:
		return nil, d.down
	case len(r.GetRefreshToken()) > 200:
		return nil, wire.Status(fault.New(fault.Invalid, "REQUEST_INVALID", "有误。", "Not valid.")).Err()
	case !d.newest[r.GetRefreshToken()]:
		return nil, wire.Status(fault.New(fault.Unauthenticated, "REFRESH_INVALID", "登录已失效。", "The session is over.")).Err()
	}
	delete(d.newest, r.GetRefreshToken())
	return d.open(), nil
}

func (d *directory) SignOut(ctx context.Context, r *directoryv1.SignOutRequest) (*directoryv1.SignOutResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.admit(ctx); err != nil {
		return nil, err
	}
	d.ended = append(d.ended, r.GetEverywhere())
	return &directoryv1.SignOutResponse{}, nil
}

func (d *directory) GetPerson(ctx context.Context, r *directoryv1.GetPersonRequest) (*directoryv1.Person, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.admit(ctx); err != nil {
		return nil, err
	}
	if d.nameless != nil {
		return nil, d.nameless
	}
	return &directoryv1.Person{Name: r.GetName(), DisplayName: "朱书涵", Language: "zh-CN"}, nil
}

func (d *directory) GetCity(context.Context, *directoryv1.GetCityRequest) (*directoryv1.City, error) {
	return &directoryv1.City{Units: []*directoryv1.Unit{{Code: "zjj", DisplayName: "住建局"}, {Code: "fgw", DisplayName: "发改委", DisplayNameEn: "NDRC"}}}, nil
}

// admit judges the token of a call as a service does.
func (d *directory) admit(ctx context.Context) error {
	if d.down != nil {
		return d.down
	}
	meta, _ := metadata.FromIncomingContext(ctx)
	token := strings.TrimPrefix(strings.Join(meta.Get("authorization"), ""), "Bearer ")
	switch d.access[token] {
	case "good":
		return nil
	case "expired":
		return wire.Status(authn.ErrTokenExpired).Err()
	case "revoked":
		return wire.Status(authn.ErrSessionRevoked).Err()
	default:
		return wire.Status(authn.ErrTokenInvalid).Err()
	}
}

// say sets the state of all access tokens.
func (d *directory) say(state string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for token := range d.access {
		d.access[token] = state
	}
}

type rig struct {
	t *testing.T
	*directory
	handler http.Handler
	cookies map[string]string // as a browser keeps them
	host    string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	d := &directory{access: map[string]string{}, newest: map[string]bool{}}
	directoryv1.RegisterSessionServiceServer(server, d)
	directoryv1.RegisterDemoServiceServer(server, d)
	directoryv1.RegisterPersonServiceServer(server, d)
	directoryv1.RegisterCityServiceServer(server, d)
	go func() { _ = server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///memory", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(); server.Stop() })
	_, proxy, _ := net.ParseCIDR("10.1.0.0/16")
	o := session.Options{Demo: true, Proxies: []*net.IPNet{proxy}}
	s := session.New(conn, o)
	mux := http.NewServeMux()
	s.Register(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { // says what would reach a service
		w.Header().Set("Got-Authorization", strings.Join(r.Header.Values("Authorization"), "|"))
		w.Header().Set("Got-Cookie", r.Header.Get("Cookie"))
	})
	return &rig{t: t, directory: d, handler: guard.New(s.Bearer(mux), guard.Options{Proxies: o.Proxies}), cookies: map[string]string{}, host: "127.0.0.1:8080"}
}

// answer is what came back.
type answer struct {
	*httptest.ResponseRecorder
	set map[string]*http.Cookie
}

func (a *answer) document() map[string]any {
	out := map[string]any{}
	_ = json.Unmarshal(a.Body.Bytes(), &out)
	return out
}

func (a *answer) reason() string {
	details, _ := a.document()["details"].([]any)
	for _, d := range details {
		if info := d.(map[string]any); info["reason"] != nil {
			return info["reason"].(string)
		}
	}
	return ""
}

// do sends a request as a page of ours does, with the cookies there are, and keeps those that come back.
func (r *rig) do(method, path, body string, change ...func(*http.Request)) *answer {
	r.t.Helper()
	request := httptest.NewRequestWithContext(r.t.Context(), method, path, strings.NewReader(body))
	request.Host = r.host
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	if method != http.MethodGet && method != http.MethodHead {
		request.Header.Set("X-Requested-With", "through-train")
	}
	for name, value := range r.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for _, c := range change {
		c(request)
	}
	a := &answer{httptest.NewRecorder(), map[string]*http.Cookie{}}
	r.handler.ServeHTTP(a, request)
	for _, c := range a.Result().Cookies() {
		a.set[c.Name] = c
		if c.MaxAge < 0 {
			delete(r.cookies, c.Name)
		} else {
			r.cookies[c.Name] = c.Value
		}
	}
	return a
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) {
		if value == "" {
			r.Header.Del(name)
			return
		}
		r.Header.Set(name, value)
	}
}

func (r *rig) signIn() *answer {
	r.t.Helper()
	a := r.do("POST", "/web/session:signInWithCode", `{"city":"410900","challenge":"c","code":"123456"}`)
	if a.Code != http.StatusOK {
		r.t.Fatalf("sign in: %d %s", a.Code, a.Body)
	}
	return a
}

func (r *rig) want(a *answer, status int, reason string) {
	r.t.Helper()
	if a.Code != status || a.reason() != reason {
		r.t.Errorf("got %d %s, want %d %s", a.Code, a.reason(), status, reason)
	}
}
