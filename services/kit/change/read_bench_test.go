package change_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// BenchmarkRead measures point reads under a context that can end, as a request's can.
func BenchmarkRead(b *testing.B) {
	for name, dsn := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "bench.db") },
		"postgres": func() string { return kittest.Postgres(b) },
	} {
		b.Run(name, func(b *testing.B) {
			s := kittest.OpenStore(b, dsn(), change.Options{}, benchSchema())
			c := filing(ids.New(clock.System()))
			if err := s.Commit(b.Context(), c); err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			args := c.Statements[0].Args
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					var number, title, body string
					var hash []byte
					if err := s.DB().QueryRow(ctx, `SELECT number, title, body, hash FROM paper WHERE city = $1 AND month = $2 AND id = $3`,
						args[0], args[1], args[2]).Scan(&number, &title, &body, &hash); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
