package bench

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// filing is what is filed: a short problem, as people write them on a phone.
const filing = `{"title":"门口道路施工货车无法进出","body":"我公司门前道路自上月起施工围挡，货车无法进出，原料积压在场外，` +
	`已影响三条生产线，多次联系施工单位未果，恳请协调留出临时通道。","category":"0301","appealType":"help","contact":{"name":"陈小满","phone":"13900000001"}}`

// load lets n connections file until warm and measured have passed. It returns the round as far as it can be seen from here, and
// how many filings there were with those of the warming up.
func load(ctx context.Context, address string, tokens []string, n int, warm, measured time.Duration) (*Round, int, error) {
	began := time.Now()
	from, until := began.Add(warm), began.Add(warm+measured)
	filers := make([]*filer, n)
	var group sync.WaitGroup
	for i := range filers {
		filers[i] = &filer{address: address, request: request(address, tokens[i%len(tokens)]), from: from, until: until}
		group.Go(func() { filers[i].run(ctx) })
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	r := &Round{Connections: n, Seconds: time.Since(from).Seconds()}
	all := 0
	for _, f := range filers {
		r.Latencies = append(r.Latencies, f.latencies...)
		r.Failed += f.failed
		all += f.filed
		if f.firstError != "" {
			r.FirstError = f.firstError
		}
	}
	r.Filed = len(r.Latencies)
	slices.Sort(r.Latencies)
	return r, all, nil
}

// request is a filing up to the place of its request id, and from there on.
func request(address, token string) [2]string {
	head := strings.Join([]string{"POST /v1/cities/410900/tickets HTTP/1.1", "Host: " + address, "Authorization: Bearer " + token,
		"Content-Type: application/json", "Content-Length: " + strconv.Itoa(len(filing)), "Accept-Language: zh-CN", "Idempotency-Key: bench-"}, "\r\n")
	return [2]string{head, "\r\n\r\n" + filing}
}

// keys makes every filing of this program one of its own.
var keys atomic.Int64

// filer is one connection.
type filer struct {
	address     string
	request     [2]string
	from, until time.Time

	latencies  []time.Duration // of what was filed while measuring
	filed      int             // with what was filed before
	failed     int             // while measuring
	firstError string
}

// run files until its time is over. After a failure it connects anew.
func (f *filer) run(ctx context.Context) {
	for ctx.Err() == nil && time.Now().Before(f.until) {
		if err := f.connection(ctx); err != nil && ctx.Err() == nil {
			f.fail(err.Error())
		}
	}
}

func (f *filer) fail(text string) {
	if f.firstError == "" {
		f.firstError = text
	}
	if !time.Now().Before(f.from) {
		f.failed++
	}
}

// connection files over one connection until the time is over or the connection is.
func (f *filer) connection(ctx context.Context) error {
	var with net.Dialer
	conn, err := with.DialContext(ctx, "tcp", f.address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	answers := newAnswers(conn)
	var text []byte
	for {
		began := time.Now()
		if !began.Before(f.until) {
			return nil
		}
		text = append(text[:0], f.request[0]...)
		text = strconv.AppendInt(text, keys.Add(1), 10)
		text = append(text, f.request[1]...)
		if _, err := conn.Write(text); err != nil {
			return err
		}
		status, content, err := answers.next()
		if err != nil {
			return err
		}
		if status != "200" {
			f.fail(status + " " + string(content))
			continue
		}
		f.filed++
		if !began.Before(f.from) {
			f.latencies = append(f.latencies, time.Since(began))
		}
	}
}
