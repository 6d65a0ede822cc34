package ids_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/ids"
)

func TestIdsGrowEvenOnAClockThatStands(t *testing.T) {
	c := movable.New(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC))
	source := ids.New(c)
	last := ""
	for i := range 20_000 {
		switch {
		case i%1000 == 999:
			c.Advance(time.Millisecond)
		case i == 10_500:
			c.Advance(-5 * time.Second) // a small step back is waited out
		}
		id := source.New()
		if id <= last || !ids.Valid(id) {
			t.Fatalf("id %d: %s after %s", i, id, last)
		}
		last = id
	}
}

func TestALongStepBackIsFollowed(t *testing.T) {
	c := movable.New(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	source := ids.New(c)
	source.New()
	c.Advance(-time.Hour)
	if month, err := ids.Month(source.New()); err != nil || month != 202602 {
		t.Errorf("month %d, %v", month, err)
	}
}

func TestConcurrentIdsAreDistinct(t *testing.T) {
	source := ids.New(clock.System())
	var mu sync.Mutex
	seen := map[string]bool{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 2000 {
				id := source.New()
				mu.Lock()
				if seen[id] {
					t.Errorf("%s twice", id)
				}
				seen[id] = true
				mu.Unlock()
			}
		})
	}
	all.Wait()
}

func TestTheSameRandomnessGivesTheSameIds(t *testing.T) {
	make3 := func() (out [3]string) {
		source := ids.NewFrom(movable.New(time.Unix(1_700_000_000, 0)), rand.NewChaCha8([32]byte{1}))
		for i := range out {
			out[i] = source.New()
		}
		return out
	}
	if a, b := make3(), make3(); a != b {
		t.Errorf("%v and %v", a, b)
	}
}

func TestNoRandomnessNoId(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an id was made without randomness")
		}
	}()
	ids.NewFrom(clock.System(), bytes.NewReader(nil)).New()
}

func TestMonthAndTime(t *testing.T) {
	tests := []struct {
		at   time.Time
		want int
	}{
		{time.Date(2024, 1, 1, 0, 0, 0, 0, time.FixedZone("CST", 8*3600)), 202312}, // the month is UTC's, not the city's
		{time.Date(2024, 2, 29, 23, 59, 59, 999_000_000, time.UTC), 202402},
		{time.Date(2099, 12, 31, 12, 0, 0, 0, time.UTC), 209912},
	}
	for _, tt := range tests {
		id := ids.New(movable.New(tt.at)).New()
		got, err := ids.Month(id)
		if err != nil || got != tt.want || ids.MonthOf(tt.at) != tt.want {
			t.Errorf("%v: month %d, %v", tt.at, got, err)
		}
		if at, err := ids.Time(id); err != nil || !at.Equal(tt.at) {
			t.Errorf("%v: time %v, %v", tt.at, at, err)
		}
	}
}

func TestOnlyCanonicalSpellingIsValid(t *testing.T) {
	const good = "018cc251-f400-7a1b-8c2d-3e4f5a6b7c8d"
	if !ids.Valid(good) {
		t.Fatal("a good id is refused")
	}
	for _, bad := range []string{
		"", "x", strings.ToUpper(good), strings.ReplaceAll(good, "-", ""), "{" + good + "}", good + " ", good[:35],
		"018cc251-f400-4a1b-8c2d-3e4f5a6b7c8d", // version 4
		"018cc251-f400-7a1b-cc2d-3e4f5a6b7c8d", // variant of others
		"018cc251xf400-7a1b-8c2d-3e4f5a6b7c8d",
		"018cc251-f400-7a1b-8c2d-3e4f5a6b7c8g",
		"018cc251-f400-7a1b-8c2d-3e4f5a6b7c\x00d",
	} {
		if ids.Valid(bad) {
			t.Errorf("%q is taken", bad)
		}
		if _, err := ids.Month(bad); !errors.Is(err, ids.ErrInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzValid(f *testing.F) {
	f.Add("018cc251-f400-7a1b-8c2d-3e4f5a6b7c8d")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		_, err := ids.Month(s)
		if (err == nil) != ids.Valid(s) {
			t.Errorf("%q: valid %v, month %v", s, ids.Valid(s), err)
		}
	})
}

func BenchmarkNew(b *testing.B) {
	source := ids.New(clock.System())
	for b.Loop() {
		source.New()
	}
}
