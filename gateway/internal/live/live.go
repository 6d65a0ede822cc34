// Package live serves invitations to read as server-sent events. It reads a service's stream and writes frames, decides nothing, and
// keeps nothing but the position it has written: when the service goes away it comes back to it there, and when the gateway goes away the
// client comes back with it.
//
// Streams are counted apart from requests, which they would starve: in total, by the address they come from, and by the connection to
// the service that carries them. It depends on guard, onward, problem, the feed's contract and kit's fault.
package live

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/throughtrain/throughtrain/gateway/internal/guard"
	"github.com/throughtrain/throughtrain/gateway/internal/onward"
	"github.com/throughtrain/throughtrain/gateway/internal/problem"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

const (
	// PerLane is how many streams one connection to a service carries: less than its server lets one connection open.
	PerLane = 900
	// PerSharedLane is that of a connection that carries calls as well.
	PerSharedLane = 400
	// share of all streams that one address may have: a whole office comes from one.
	share = 4
	// patience is how long a client may take to let a frame through.
	patience = 10 * time.Second
	// opening is how long the service may take to begin.
	opening = 10 * time.Second
	// commentEvery keeps what lies between from taking the stream for dead.
	commentEvery = 15 * time.Second
	// away is how long the service may be away before the stream ends.
	away = time.Minute
)

// Path ends the address of every stream.
const pathEnd = ":watch"

// Asked tells whether a request is for a stream, which lasts.
func Asked(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/v1/") && strings.HasSuffix(r.URL.Path, pathEnd)
}

// Options are what streams work with.
type Options struct {
	// Service is whose streams they are, for the metrics.
	Service string
	// Lanes are connections to it, and PerLane how many streams each carries.
	Lanes   []grpc.ClientConnInterface
	PerLane int
	Proxies []*net.IPNet
	Metrics prometheus.Registerer // nil registers nowhere
	// Ticks is a ticker for the comments; one of real time when nil.
	Ticks func(time.Duration) (ticks <-chan time.Time, stop func())
}

// Streams are the open streams of a service.
type Streams struct {
	o      Options
	ending context.Context
	end    context.CancelFunc

	mu    sync.Mutex
	lanes []*lane
	open  int
	by    map[string]int // by address
}

type lane struct {
	conn grpc.ClientConnInterface
	open int
}

// Upstream is a stream of a service.
type Upstream = grpc.ServerStreamingClient[feedv1.Invitation]

// Open opens the service's stream over a connection, behind a position; where that is nil, as the client asked for it.
type Open func(ctx context.Context, over grpc.ClientConnInterface, after *int64, opts ...grpc.CallOption) (Upstream, error)

// New makes an empty set of streams.
func New(o Options) (*Streams, error) {
	if o.Ticks == nil {
		o.Ticks = func(d time.Duration) (<-chan time.Time, func()) {
			t := time.NewTicker(d)
			return t.C, t.Stop
		}
	}
	s := &Streams{o: o, by: map[string]int{}}
	s.ending, s.end = context.WithCancel(context.Background())
	for _, conn := range o.Lanes {
		s.lanes = append(s.lanes, &lane{conn: conn})
	}
	if o.Metrics != nil {
		gauge := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "throughtrain_http_streams", Help: "Streams of server-sent events open now.",
			ConstLabels: prometheus.Labels{"service": o.Service}}, func() float64 { return float64(s.Len()) })
		if err := o.Metrics.Register(gauge); err != nil {
			return nil, fmt.Errorf("live: %w", err)
		}
	}
	return s, nil
}

// Len is how many streams are open.
func (s *Streams) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// End ends all streams, now and later: their clients come back with the position they have.
func (s *Streams) End() { s.end() }

var errOverloaded = fault.New(fault.Unavailable, "OVERLOADED",
	"实时连接过多，请稍候几秒重试。",
	"Too many live streams are open. Try again in a few seconds.").RetryIn(5 * time.Second)

// take finds a lane for a stream from an address.
func (s *Streams) take(address string) (*lane, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var best *lane
	for _, l := range s.lanes {
		if l.open < s.o.PerLane && (best == nil || l.open < best.open) {
			best = l
		}
	}
	if best == nil || s.by[address] >= s.o.PerLane*len(s.lanes)/share || s.ending.Err() != nil {
		return nil, false
	}
	best.open++
	s.open++
	s.by[address]++
	return best, true
}

func (s *Streams) leave(address string, l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.open--
	s.open--
	if s.by[address]--; s.by[address] == 0 {
		delete(s.by, address)
	}
}

// Serve answers with a stream. What the client says it has seen counts more than what it asked for.
func (s *Streams) Serve(w http.ResponseWriter, r *http.Request, open Open) {
	address := guard.ClientAddress(r, s.o.Proxies)
	household := guard.Household(address)
	lane, ok := s.take(household)
	if !ok {
		problem.Write(w, r, errOverloaded)
		return
	}
	defer s.leave(household, lane)
	ctx, cancel := context.WithCancel(onward.Context(r.Context(), r, address))
	defer cancel()
	defer context.AfterFunc(s.ending, cancel)()
	up := &upstream{open: open, over: lane.conn, after: lastSeen(r), messages: make(chan *feedv1.Invitation, 16)}
	var reading sync.WaitGroup
	defer reading.Wait()
	defer cancel()
	reading.Go(func() { up.read(ctx) })
	first, began := <-up.messages
	if !began {
		problem.Write(w, r, up.failure)
		return
	}
	ticks, stop := s.o.Ticks(commentEvery)
	defer stop()
	(&writer{w: w, control: http.NewResponseController(w)}).run(ctx, first, up.messages, ticks)
}

// nobodys is a position that the feed never reaches.
const nobodys = int64(math.MaxInt64)

// lastSeen is the position that a client which comes back says it has seen, nil when it says nothing. What cannot be one of ours is answered
// like any unknown position, with a reset: a browser sends again what it was sent, and would take a refusal for the end.
func lastSeen(r *http.Request) *int64 {
	values := r.Header.Values("Last-Event-Id")
	if len(values) == 0 || len(values) == 1 && values[0] == "" {
		return nil
	}
	position, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil || position < 0 || len(values) > 1 {
		position = nobodys
	}
	return &position
}

// retry is after how many milliseconds a client comes back: not all at the same time, when it was us who went away.
func retry() int { return 1000 + rand.IntN(2000) } //nolint:gosec // nothing depends on nobody guessing it
