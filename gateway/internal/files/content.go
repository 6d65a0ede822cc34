package files

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/throughtrain/throughtrain/gateway/internal/guard"
	"github.com/throughtrain/throughtrain/gateway/internal/problem"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

const (
	// answering is how long a part of an answer may take to leave: whoever reads more slowly than a part in that time is let go.
	answering = 30 * time.Second
	// maxReaders is how many downloads go on at once, and maxReadersFrom how many of one address.
	maxReaders     = 512
	maxReadersFrom = 32
)

// readers are the downloads that go on.
type readers struct {
	mu  sync.Mutex
	all int
	by  map[string]int
}

func (s *readers) enter(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= maxReaders || s.by[address] >= maxReadersFrom {
		return false
	}
	s.all++
	s.by[address]++
	return true
}

func (s *readers) leave(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.by[address]--; s.by[address] == 0 {
		delete(s.by, address)
	}
}

var errBusy = fault.New(fault.Unavailable, "OVERLOADED",
	"系统正忙，请稍候几秒重试。", "The system is busy. Try again in a few seconds.").RetryIn(2 * time.Second)

// content answers with a file or a part of it.
func (h *handler) content(w http.ResponseWriter, r *http.Request) {
	address := guard.ClientAddress(r, h.proxies)
	if !h.readers.enter(address) {
		problem.Write(w, r, errBusy)
		return
	}
	defer h.readers.leave(address)
	name := h.download.nameIn(r)
	f, err := h.readable(r, name)
	if err != nil {
		fail(w, r, err)
		return
	}
	ctx, cancel := context.WithCancel(h.calling(r.Context(), r))
	defer cancel()
	body := &remote{ctx: ctx, open: h.stream, name: name, size: f.GetContentSize(), control: http.NewResponseController(w)}
	defer body.stop()
	head := w.Header()
	head.Set("Content-Type", f.GetMediaType())
	head.Set("Content-Disposition", disposition(f.GetFileName()))
	head.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	head.Set("Cache-Control", "private, no-cache") // kept by who may, asked for each time: what they may see can change
	head.Set("Vary", "Authorization")
	head.Set("ETag", `"`+f.GetContentSha256()+`"`)
	http.ServeContent(w, r, "", f.GetReadyTime().AsTime(), body)
}

// readable is a file that can be read. Of one that is not there yet the service itself says so, to who tries.
func (h *handler) readable(r *http.Request, name string) (file, error) {
	f, err := h.asked(r, name)
	if err != nil || ready(f) {
		return f, err
	}
	ctx, cancel := context.WithTimeout(h.calling(r.Context(), r), asking)
	defer cancel()
	chunk, err := h.stream(ctx, name, 0)
	if err == nil {
		_, err = chunk()
	}
	if err != nil {
		return nil, err
	}
	return h.asked(r, name) // it came meanwhile
}

// disposition names a file for who saves it, in UTF-8 for all who know of it.
func disposition(file string) string {
	ascii := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, file)
	return mime.FormatMediaType("attachment", map[string]string{"filename": ascii}) + "; filename*=UTF-8''" + strings.ReplaceAll(url.PathEscape(file), "'", "%27")
}

// remote reads a file from the service as if it were here. It asks for nothing before it is read, and for no more than is.
type remote struct {
	ctx     context.Context //nolint:containedctx // it lives as long as one answer
	open    func(ctx context.Context, name string, offset int64) (chunk func() ([]byte, error), err error)
	name    string
	size    int64
	control *http.ResponseController

	at     int64
	chunk  func() ([]byte, error)
	cancel context.CancelFunc
	left   []byte
}

// Seek implements io.Seeker.
func (b *remote) Seek(offset int64, whence int) (int64, error) {
	to := offset
	switch whence {
	case io.SeekCurrent:
		to += b.at
	case io.SeekEnd:
		to += b.size
	}
	if to < 0 {
		return 0, errors.New("before the beginning")
	}
	if to != b.at {
		b.stop()
		b.at = to
	}
	return to, nil
}

func (b *remote) stop() {
	if b.cancel != nil {
		b.cancel()
	}
	b.chunk, b.cancel, b.left = nil, nil, nil
}

// Read implements io.Reader.
func (b *remote) Read(p []byte) (int, error) {
	if b.at >= b.size {
		return 0, io.EOF
	}
	for len(b.left) == 0 {
		if err := b.next(); err != nil {
			return 0, err
		}
	}
	_ = b.control.SetWriteDeadline(time.Now().Add(answering))
	n := copy(p, b.left)
	b.left = b.left[n:]
	b.at += int64(n)
	return n, nil
}

// next takes another message of the stream, which is opened when it is needed.
func (b *remote) next() error {
	if b.chunk == nil {
		ctx, cancel := context.WithCancel(b.ctx)
		b.cancel = cancel
		chunk, err := b.open(ctx, b.name, b.at)
		if err != nil {
			return err
		}
		b.chunk = chunk
	}
	left, err := b.chunk()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	b.left = left
	return err
}
