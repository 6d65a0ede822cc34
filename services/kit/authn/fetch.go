package authn

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock"
)

const (
	maxKeySetBytes = 64 << 10
	fetchTimeout   = 5 * time.Second
	refreshEvery   = 5 * time.Minute
	refreshGap     = 10 * time.Second // between two fetches that unknown key ids asked for
)

// FetchedKeys is a key set read from elsewhere, normally the directory. It reads again every five minutes and, so that a new
// key works at once, when a token names a key it does not have; at most every ten seconds, so that invented key ids cannot
// turn it against the source. While the source is away, the keys last read stay good.
type FetchedKeys struct {
	fetch func(context.Context) ([]byte, error)
	clock clock.Clock
	set   *KeySet

	mu      sync.Mutex // held during a fetch: those who need the same answer wait for it
	last    time.Time
	lastErr error
}

var _ Keys = (*FetchedKeys)(nil)

// FetchKeys makes a set that reads with fetch. Nothing is read before the first key is asked for or Run is called.
func FetchKeys(wall clock.Clock, fetch func(context.Context) ([]byte, error)) *FetchedKeys {
	return &FetchedKeys{fetch: fetch, clock: wall, set: NewKeySet()}
}

// FromURL reads a key set over HTTP. Redirects are not followed and the body is bounded: the source is trusted for keys, not
// for where to go next.
func FromURL(url string) func(context.Context) ([]byte, error) {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return func(ctx context.Context) ([]byte, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		response, err := client.Do(request)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("key set: %s answered %s", url, response.Status)
		}
		body, err := io.ReadAll(io.LimitReader(response.Body, maxKeySetBytes+1))
		if err == nil && len(body) > maxKeySetBytes {
			err = fmt.Errorf("key set: %s is longer than %d bytes", url, maxKeySetBytes)
		}
		return body, err
	}
}

// Run keeps the set fresh until the context ends. A failed read is not an end: the next one may succeed, and until then the
// keys stay as they are.
func (f *FetchedKeys) Run(ctx context.Context) error {
	_ = f.refresh(ctx, 0) // kept in lastErr and returned to whoever asks for an unknown key
	for f.clock.WaitUntil(ctx, f.clock.Now().Add(refreshEvery)) == nil {
		_ = f.refresh(ctx, 0)
	}
	return nil
}

// Refresh reads the set now.
func (f *FetchedKeys) Refresh(ctx context.Context) error { return f.refresh(ctx, 0) }

// Key implements Keys. A key that is missing while the source cannot be read is an error rather than a refusal, so that a
// good session is not thrown away for an outage.
func (f *FetchedKeys) Key(ctx context.Context, id string) (ed25519.PublicKey, bool, error) {
	if key, ok, _ := f.set.Key(ctx, id); ok {
		return key, true, nil
	}
	// Many callers wait for this one reading, so it does not end with the first of them.
	err := f.refresh(context.WithoutCancel(ctx), refreshGap)
	if key, ok, _ := f.set.Key(ctx, id); ok {
		return key, true, nil
	}
	return nil, false, err
}

// refresh reads the set unless that was done less than gap ago; then it returns how that reading went.
func (f *FetchedKeys) refresh(ctx context.Context, gap time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if since := f.clock.Now().Sub(f.last); !f.last.IsZero() && since >= 0 && since < gap {
		return f.lastErr
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	doc, err := f.fetch(ctx)
	f.last, f.lastErr = f.clock.Now(), err
	if err != nil {
		return err
	}
	keys, err := ParseJWKS(doc)
	if err != nil {
		f.lastErr = err
		return err
	}
	f.set.Replace(keys...)
	return nil
}
