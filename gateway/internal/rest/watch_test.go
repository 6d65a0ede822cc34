package rest

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	"github.com/throughtrain/throughtrain/gateway/internal/live"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
)

// inviting says that a stream begins, keeps what was asked, and ends.
type inviting struct {
	hotlinev1.UnimplementedWatchServiceServer
	asked chan *hotlinev1.WatchRequest
}

func (i *inviting) Watch(in *hotlinev1.WatchRequest, stream grpc.ServerStreamingServer[feedv1.Invitation]) error {
	i.asked <- in
	return stream.Send(&feedv1.Invitation{Position: 41, Event: &feedv1.Invitation_Ready{Ready: &feedv1.WatchReady{}}})
}

// TestStreamed: the same route serves any path and any contract that invites.
func TestStreamed(t *testing.T) {
	server, listener, service := grpc.NewServer(), bufconn.Listen(1<<20), &inviting{asked: make(chan *hotlinev1.WatchRequest, 1)}
	hotlinev1.RegisterWatchServiceServer(server, service)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient("passthrough:///memory", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	streams, err := live.New(live.Options{Service: "hotline", Lanes: []grpc.ClientConnInterface{conn}, PerLane: 100})
	if err != nil {
		t.Fatal(err)
	}
	mux := runtime.NewServeMux()
	for _, path := range []string{"/v1/{parent=cities/*}:watch", "/v1/{parent=cities/*}/cases:watch"} {
		if err := streamed(streams, path, hotlinev1.NewWatchServiceClient, hotlinev1.WatchServiceClient.Watch)(t.Context(), mux); err != nil {
			t.Fatal(err)
		}
	}
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	five, seen := int64(5), int64(41)
	all := []hotlinev1.WatchRequest_Topic{hotlinev1.WatchRequest_ALL}
	for _, c := range []struct {
		path, seen string
		status     int
		want       *hotlinev1.WatchRequest
	}{
		{"/v1/cities/410900:watch?topics=ALL", "", http.StatusOK, &hotlinev1.WatchRequest{Parent: "cities/410900", Topics: all}},
		{"/v1/cities/410900/cases:watch?topics=ALL&after=5", "", http.StatusOK, &hotlinev1.WatchRequest{Parent: "cities/410900", Topics: all, After: &five}},
		{"/v1/cities/410900/cases:watch?after=5", "41", http.StatusOK, &hotlinev1.WatchRequest{Parent: "cities/410900", After: &seen}},
		{"/v1/cities/410900/cases:watch?topic=ALL", "", http.StatusBadRequest, nil},
		{"/v1/cities/410900/cases:watch?parent=cities/410901", "", http.StatusBadRequest, nil},
		{"/v1/cities/410900/cases:watch?after=x", "", http.StatusBadRequest, nil},
	} {
		status, body := get(t, web.URL+c.path, c.seen)
		if status != c.status || (status == http.StatusOK) != strings.Contains(body, "id: 41\nevent: ready\n") {
			t.Errorf("%s: %d %s", c.path, status, body)
		}
		if c.want == nil {
			continue
		}
		if got := <-service.asked; !proto.Equal(got, c.want) {
			t.Errorf("%s asks for %v, want %v", c.path, got, c.want)
		}
	}
}

// get reads a stream to its end.
func get(t *testing.T, url, seen string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if seen != "" {
		request.Header.Set("Last-Event-ID", seen)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// A contract whose requests do not name a city and a position cannot be served so, and is not.
func TestStreamedWithoutAPosition(t *testing.T) {
	route := streamed(nil, "/v1/{parent=cities/*}:watch", hotlinev1.NewBoardServiceClient,
		func(hotlinev1.BoardServiceClient, context.Context, *hotlinev1.GetBoardRequest, ...grpc.CallOption) (live.Upstream, error) {
			return nil, nil
		})
	if err := route(t.Context(), runtime.NewServeMux()); err == nil || !strings.Contains(err.Error(), "GetBoardRequest") {
		t.Errorf("registered: %v", err)
	}
}
