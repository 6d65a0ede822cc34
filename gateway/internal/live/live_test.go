package live_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/throughtrain/throughtrain/gateway/internal/live"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
)

// hotline says to each stream what a test has it say.
type hotline struct {
	hotlinev1.UnimplementedWatchServiceServer
	opened chan *opened
}

// opened is a stream as the hotline sees it.
type opened struct {
	in   *hotlinev1.WatchRequest
	meta metadata.MD
	say  chan *feedv1.Invitation
	end  chan error
}

func (h *hotline) Watch(in *hotlinev1.WatchRequest, stream grpc.ServerStreamingServer[feedv1.Invitation]) error {
	o := &opened{in: in, say: make(chan *feedv1.Invitation), end: make(chan error, 1)}
	o.meta, _ = metadata.FromIncomingContext(stream.Context())
	select {
	case h.opened <- o:
	case <-stream.Context().Done():
	}
	for {
		select {
		case m := <-o.say:
			if err := stream.Send(m); err != nil {
				return err
			}
		case err := <-o.end:
			return err
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}

type rig struct {
	*httptest.Server
	t       *testing.T
	hotline *hotline
	streams *live.Streams
	ticks   chan time.Time
}

func newRig(t *testing.T, perLane int) *rig {
	t.Helper()
	r := &rig{t: t, hotline: &hotline{opened: make(chan *opened, 16)}, ticks: make(chan time.Time)}
	listener, server := bufconn.Listen(1<<20), grpc.NewServer()
	hotlinev1.RegisterWatchServiceServer(server, r.hotline)
	go func() { _ = server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///memory", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	r.streams, err = live.New(live.Options{Lanes: []grpc.ClientConnInterface{conn}, PerLane: perLane, Metrics: prometheus.NewRegistry(),
		Ticks: func(time.Duration) (<-chan time.Time, func()) { return r.ticks, func() {} }})
	if err != nil {
		t.Fatal(err)
	}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		in := &hotlinev1.WatchRequest{Parent: "cities/410900"}
		r.streams.Serve(w, req, func(ctx context.Context, over grpc.ClientConnInterface, after *int64, opts ...grpc.CallOption) (live.Upstream, error) {
			in.After = after
			return hotlinev1.NewWatchServiceClient(over).Watch(ctx, in, opts...)
		})
	}))
	t.Cleanup(func() { r.streams.End(); r.Close(); _ = conn.Close(); server.Stop() })
	return r
}

// client is a stream as a client sees it.
type client struct {
	t      *testing.T
	status int
	lines  *bufio.Scanner
	close  func()
}

func (r *rig) open(headers ...string) *client {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := r.Client().Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	once := sync.OnceFunc(func() { cancel(); _ = response.Body.Close() })
	r.t.Cleanup(once)
	return &client{t: r.t, status: response.StatusCode, lines: bufio.NewScanner(response.Body), close: once}
}

// begin opens a stream that the hotline answers at once.
func (r *rig) begin(position int64, headers ...string) (*client, *opened) {
	r.t.Helper()
	up := make(chan *opened, 1)
	go func() {
		o := <-r.hotline.opened
		o.say <- &feedv1.Invitation{Position: position, Event: &feedv1.Invitation_Ready{Ready: &feedv1.WatchReady{}}}
		up <- o
	}()
	c := r.open(headers...)
	c.want(fmt.Sprintf("id: %d|event: ready|data: {}", position))
	return c, <-up
}

// block is the next block of lines, without the advice when to come back.
func (c *client) block() string {
	var lines []string
	for c.lines.Scan() {
		switch line := c.lines.Text(); {
		case line == "":
			return strings.Join(lines, "|")
		case !strings.HasPrefix(line, "retry: "):
			lines = append(lines, line)
		}
	}
	return "end"
}

func (c *client) want(block string) {
	c.t.Helper()
	if got := c.block(); got != block {
		c.t.Errorf("got %q, want %q", got, block)
	}
}

func changed(position int64, name string, version int64) *feedv1.Invitation {
	return &feedv1.Invitation{Position: position, Event: &feedv1.Invitation_Changed{Changed: &feedv1.ResourceChanged{Name: name, Version: version}}}
}

const name = "cities/410900/tickets/0192"

func TestFrames(t *testing.T) {
	r := newRig(t, 100)
	c, up := r.begin(7, "Authorization", "Bearer x", "Accept-Language", "en", "Cookie", "token=secret")
	if up.meta.Get("authorization")[0] != "Bearer x" || up.meta.Get("accept-language")[0] != "en" || len(up.meta.Get("cookie")) > 0 || up.in.After != nil {
		t.Errorf("asked with %v: %v", up.meta, up.in)
	}
	up.say <- changed(8, name, 3)
	c.want("id: 8|event: changed|data: {\"name\":\"" + name + "\",\"version\":\"3\"}")
	up.say <- &feedv1.Invitation{Position: 9, Event: &feedv1.Invitation_Gone{Gone: &feedv1.ResourceGone{Name: name}}}
	c.want("id: 9|event: gone|data: {\"name\":\"" + name + "\"}")
	up.say <- &feedv1.Invitation{Position: 9, Event: &feedv1.Invitation_Board{Board: &feedv1.BoardChanged{}}}
	c.want("id: 9|event: board|data: {}")
	r.ticks <- time.Time{}
	c.want(":|id: 9")
	up.say <- &feedv1.Invitation{Position: 20, Event: &feedv1.Invitation_Progress{Progress: &feedv1.WatchProgress{}}}
	up.say <- &feedv1.Invitation{Position: 99} // something newer than this gateway: its position is not passed either
	up.say <- &feedv1.Invitation{Position: 30, Event: &feedv1.Invitation_Reset_{Reset_: &feedv1.WatchReset{}}}
	c.want("id: 30|event: reset|data: {}")
	up.say <- &feedv1.Invitation{Position: 31, Event: &feedv1.Invitation_Expired{Expired: &feedv1.WatchExpired{Reason: "TOKEN_EXPIRED"}}}
	c.want("id: 31|event: expired|data: {\"reason\":\"TOKEN_EXPIRED\"}")
	up.end <- nil
	c.want("end")
}

func TestLastEventID(t *testing.T) {
	r := newRig(t, 100)
	for sent, want := range map[string]int64{"41": 41, "0": 0, "-1": 1<<63 - 1, "garbage": 1<<63 - 1, "99999999999999999999": 1<<63 - 1, "1.5": 1<<63 - 1} {
		c, up := r.begin(50, "Last-Event-ID", sent)
		if up.in.After == nil || up.in.GetAfter() != want {
			t.Errorf("%q asks for %v", sent, up.in)
		}
		c.close()
	}
	c, up := r.begin(50, "Last-Event-ID", "")
	if up.in.After != nil {
		t.Errorf("none asks for %v", up.in)
	}
	c.close()
}

// TestTheHotlineRestarts: the client notices nothing but what it missed.
func TestTheHotlineRestarts(t *testing.T) {
	r := newRig(t, 100)
	c, up := r.begin(7)
	up.say <- changed(8, name, 3)
	c.want("id: 8|event: changed|data: {\"name\":\"" + name + "\",\"version\":\"3\"}")
	for _, end := range []error{status.Error(codes.Unavailable, "gone"), context.Canceled, status.Error(codes.Unavailable, "still gone")} {
		up.end <- end
		up = <-r.hotline.opened
		if up.in.GetAfter() != 8 {
			t.Errorf("comes back after %d", up.in.GetAfter())
		}
	}
	up.say <- &feedv1.Invitation{Position: 8, Event: &feedv1.Invitation_Ready{Ready: &feedv1.WatchReady{}}}
	up.say <- changed(9, name, 4)
	c.want("id: 9|event: changed|data: {\"name\":\"" + name + "\",\"version\":\"4\"}")
	up.end <- status.Error(codes.Unavailable, "gone again")
	up = <-r.hotline.opened
	up.end <- wire.Status(authn.ErrTokenExpired).Err() // meanwhile
	c.want("id: 9|event: expired|data: {\"reason\":\"TOKEN_EXPIRED\"}")
	c.want("end")
}

func TestRefusalsAreAnswers(t *testing.T) {
	r := newRig(t, 100)
	for _, f := range []struct {
		err    error
		status int
	}{{wire.Status(authn.ErrTokenMissing).Err(), 401}, {wire.Status(authn.ErrRoleRequired).Err(), 403}, {status.Error(codes.Unavailable, ""), 503}} {
		go func() { (<-r.hotline.opened).end <- f.err }()
		if c := r.open(); c.status != f.status {
			t.Errorf("%v: %d", f.err, c.status)
		}
	}
	r.streams.End()
	if c := r.open(); c.status != http.StatusServiceUnavailable {
		t.Errorf("after the end: %d", c.status)
	}
}

func TestCounts(t *testing.T) {
	r := newRig(t, 12) // a quarter of them from one address
	var clients []*client
	for range 3 {
		c, _ := r.begin(1)
		clients = append(clients, c)
	}
	if c := r.open(); c.status != http.StatusServiceUnavailable {
		t.Errorf("one too many: %d", c.status)
	}
	clients[0].close()
	for r.streams.Len() > 2 {
		runtime.Gosched()
	}
	r.begin(1)
	r.streams.End()
	for _, c := range clients[1:] {
		c.want("end")
	}
	for r.streams.Len() > 0 {
		runtime.Gosched()
	}
}

// TestACrowdAndOneWhoDoesNotRead: 300 clients get everything while one lets nothing through.
func TestACrowdAndOneWhoDoesNotRead(t *testing.T) {
	const crowd, each = 300, 20
	r := newRig(t, 4*(crowd+1))
	go func() {
		for range crowd + 1 {
			o := <-r.hotline.opened
			go func() {
				o.say <- &feedv1.Invitation{Position: 0, Event: &feedv1.Invitation_Ready{Ready: &feedv1.WatchReady{}}}
				for n := range each {
					o.say <- changed(int64(n)+1, name, int64(n)+1)
				}
				if len(o.meta.Get("accept-language")) > 0 { // who does not read is told more than lies on any way
					for n := each; ; n++ {
						select {
						case o.say <- changed(int64(n), strings.Repeat("x", 10_000), 1):
						case <-t.Context().Done():
							return
						}
					}
				}
			}()
		}
	}()
	idle := r.open("Accept-Language", "en")
	var everybody sync.WaitGroup
	for range crowd {
		everybody.Go(func() {
			c := r.open()
			c.want("id: 0|event: ready|data: {}")
			for n := range each {
				c.want(fmt.Sprintf("id: %d|event: changed|data: {\"name\":%q,\"version\":\"%d\"}", n+1, name, n+1))
			}
		})
	}
	everybody.Wait()
	idle.close()
}
