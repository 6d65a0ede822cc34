package blob

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock"
)

// memory keeps blobs as long as the process.
type memory struct {
	mu    sync.Mutex
	blobs map[ID]*held
}

type held struct {
	content  []byte
	sealed   bool
	modified time.Time
}

// NewMemory makes a store that forgets everything with the process.
func NewMemory() Store { return &memory{blobs: map[ID]*held{}} }

func (m *memory) Write(_ context.Context, id ID, offset int64, piece []byte) error {
	if err := id.check(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.blobs[id]
	if b == nil {
		b = &held{}
		m.blobs[id] = b
	}
	if b.sealed {
		return ErrSealed
	}
	if end := offset + int64(len(piece)); int64(len(b.content)) < end {
		b.content = append(b.content, make([]byte, end-int64(len(b.content)))...)
	}
	copy(b.content[offset:], piece)
	b.modified = clock.System().Now()
	return nil
}

func (m *memory) Seal(_ context.Context, id ID, size int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.blobs[id]
	switch {
	case b == nil || int64(len(b.content)) < size:
		return ErrIncomplete
	case b.sealed:
		return sealedAs(int64(len(b.content)), size)
	}
	b.content, b.sealed, b.modified = b.content[:size:size], true, clock.System().Now()
	return nil
}

func (m *memory) Put(_ context.Context, id ID, content io.Reader, size int64) error {
	if err := id.check(); err != nil {
		return err
	}
	all, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	if int64(len(all)) != size {
		return fmt.Errorf("%d bytes of %d: %w", len(all), size, ErrIncomplete)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.blobs[id] = &held{content: all, sealed: true, modified: clock.System().Now()}
	return nil
}

func (m *memory) sealed(id ID) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b := m.blobs[id]; b != nil && b.sealed {
		return b.content, nil
	}
	return nil, ErrNotFound
}

func (m *memory) Open(_ context.Context, id ID, offset, length int64) (io.ReadCloser, error) {
	content, err := m.sealed(id)
	if err != nil {
		return nil, err
	}
	content = content[min(offset, int64(len(content))):]
	if length >= 0 {
		content = content[:min(length, int64(len(content)))]
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

func (m *memory) Size(_ context.Context, id ID) (int64, error) {
	content, err := m.sealed(id)
	return int64(len(content)), err
}

func (m *memory) Delete(_ context.Context, id ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.blobs, id)
	return nil
}

func (m *memory) Walk(_ context.Context, each func(ID, time.Time) error) error {
	m.mu.Lock()
	modified := map[ID]time.Time{}
	for id, b := range m.blobs {
		modified[id] = b.modified
	}
	m.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(modified)) {
		if err := each(id, modified[id]); err != nil {
			return err
		}
	}
	return nil
}
