package change_test

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// benchSchema looks like what a filing writes: a wide row with two more indexes, a contact, a clock.
func benchSchema() sqldb.MigrationSet {
	const schema = `
CREATE TABLE paper (city TEXT NOT NULL, month INTEGER NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL, hash %[1]s NOT NULL,
	number TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, state INTEGER NOT NULL, kind INTEGER NOT NULL,
	category TEXT NOT NULL, holder TEXT NOT NULL, filer TEXT NOT NULL, enterprise TEXT NOT NULL, county TEXT NOT NULL,
	policy BIGINT NOT NULL, calendar BIGINT NOT NULL, filed BIGINT NOT NULL, due BIGINT NOT NULL, restricted INTEGER NOT NULL,
	PRIMARY KEY (city, month, id));
CREATE INDEX paper_holder ON paper (city, holder, state, filed);
CREATE INDEX paper_enterprise ON paper (city, enterprise, filed);
CREATE TABLE contact (city TEXT NOT NULL, month INTEGER NOT NULL, paper TEXT NOT NULL, name TEXT NOT NULL, phone TEXT NOT NULL,
	mail TEXT NOT NULL, secret %[1]s NOT NULL, made BIGINT NOT NULL, PRIMARY KEY (city, month, paper));
CREATE TABLE number (city TEXT NOT NULL, number TEXT NOT NULL, month INTEGER NOT NULL, paper TEXT NOT NULL, made BIGINT NOT NULL,
	PRIMARY KEY (city, number));
`
	files := fstest.MapFS{}
	for engine, blob := range map[string]string{"sqlite": "BLOB", "postgres": "BYTEA"} {
		files[engine+"/0001_bench.sql"] = &fstest.MapFile{Data: fmt.Appendf(nil, schema, blob)}
	}
	return sqldb.MigrationSet{Name: "bench", FS: fs.FS(files)}
}

var sequence atomic.Int64

// filing is a Change like the one that files a ticket.
func filing(source *ids.Source) *change.Change {
	id := source.New()
	n := sequence.Add(1)
	month, err := ids.Month(id)
	if err != nil {
		panic(err)
	}
	now := time.Now()
	at := now.UnixMicro()
	number := fmt.Sprintf("%012d", n)
	sealed := journal.Seal(journal.Hash{}, journal.Envelope{City: "410900", Aggregate: id, Version: 1, Type: "TicketFiled",
		Time: now, Actor: "persons/" + id, Payload: []byte(payload)})
	return &change.Change{
		Decided: now,
		Statements: []change.Statement{
			change.Exec(`INSERT INTO paper (city, month, id, version, hash, number, title, body, state, kind, category, holder, filer,
				enterprise, county, policy, calendar, filed, due, restricted)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
				"410900", month, id, 1, sealed.Hash[:], number, "project stands still for want of a permit", body, 1, 2, "0304",
				fmt.Sprintf("units/%02d", n%60), "persons/"+number, fmt.Sprintf("enterprises/%d", n%5000), "410922", 3, 7, at, at+4e10, 0),
			change.Exec(`INSERT INTO contact (city, month, paper, name, phone, mail, secret, made) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				"410900", month, id, "someone", "13800000000", "", sealed.Hash[:], at),
			change.Exec(`INSERT INTO number (city, number, month, paper, made) VALUES ($1, $2, $3, $4, $5)`,
				"410900", number, month, id, at),
		},
		Events:  []change.Event{{Sealed: sealed, Month: month}},
		Due:     []change.Due{{City: "410900", Aggregate: id, At: now.Add(time.Hour)}},
		Request: &change.Request{City: "410900", Person: "persons/" + number, Method: "CreateTicket", ID: id, BodyHash: sealed.Hash[:], Resource: "cities/410900/tickets/" + id},
	}
}

var (
	payload = strings.Repeat("the facts of the event ", 12)
	body    = strings.Repeat("a problem described at some length. ", 15)
)

func benchStore(b *testing.B, dsn string) *change.Store {
	b.Helper()
	ctx := context.Background()
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: dsn})
	if err != nil {
		b.Fatal(err)
	}
	if err := sqldb.Migrate(ctx, db, change.Schema(), benchSchema()); err != nil {
		b.Fatal(err)
	}
	s, err := change.New(ctx, db, change.Options{})
	if err != nil {
		b.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	stopped := make(chan error, 1)
	go func() { stopped <- s.Run(running) }()
	b.Cleanup(func() {
		stop()
		s.Close()
		if err := <-stopped; err != nil {
			b.Error(err)
		}
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// BenchmarkCommit measures filings per second through the store alone, each answered after its commit is durable. The
// private cluster of the tests does not sync: for true PostgreSQL figures set THROUGHTRAIN_POSTGRES_DSN.
func BenchmarkCommit(b *testing.B) {
	engines := []struct {
		name string
		dsn  func(*testing.B) string
	}{
		{"sqlite", func(b *testing.B) string { return "sqlite:" + filepath.Join(b.TempDir(), "bench.db") }},
		{"postgres", func(b *testing.B) string { return kittest.Postgres(b) }},
	}
	for _, engine := range engines {
		for _, callers := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/callers=%d", engine.name, callers), func(b *testing.B) {
				s := benchStore(b, engine.dsn(b))
				source := ids.New(clock.System())
				left := atomic.Int64{}
				left.Store(int64(b.N))
				failed := make(chan error, callers)
				b.ReportAllocs()
				b.ResetTimer()
				took := make([][]time.Duration, callers)
				for i := range callers {
					go func() {
						for left.Add(-1) >= 0 {
							start := time.Now()
							if err := s.Commit(context.Background(), filing(source)); err != nil {
								failed <- err
								return
							}
							took[i] = append(took[i], time.Since(start))
						}
						failed <- nil
					}()
				}
				for range callers {
					if err := <-failed; err != nil {
						b.Fatal(err)
					}
				}
				b.StopTimer()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "filings/s")
				all := slices.Sorted(slices.Values(slices.Concat(took...)))
				b.ReportMetric(all[len(all)/2].Seconds()*1000, "p50-ms")
				b.ReportMetric(all[len(all)*99/100].Seconds()*1000, "p99-ms")
			})
		}
	}
}
