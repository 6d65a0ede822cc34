package sqldb_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

func TestStatementsHaveNamesWithoutContents(t *testing.T) {
	for text, want := range map[string]string{
		`SELECT a, b FROM tickets WHERE phone = '13800138000'`:                "SELECT tickets",
		"SELECT\n\tcount(*)\n\tFROM (SELECT * FROM feed WHERE position > $1)": "SELECT feed",
		`INSERT INTO board_cells (city) VALUES ('x') ON CONFLICT DO NOTHING`:  "INSERT board_cells",
		`UPDATE due SET at = $1`:                             "UPDATE due",
		`DELETE FROM request_seen WHERE id IN (SELECT 1)`:    "DELETE request_seen",
		`WITH touched AS (SELECT 1) SELECT * FROM journal j`: "WITH journal",
		`SELECT change_fresh($1, $2)`:                        "SELECT",
		` `:                                                  "statement",
	} {
		if got := sqldb.StatementName(text); got != want {
			t.Errorf("%q is called %q, want %q", text, got, want)
		}
	}
}

// TestReadsAreTraced: every statement is a span under the caller's, which ends, and shows nothing of what was asked or answered.
func TestReadsAreTraced(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		recorder := tracetest.NewSpanRecorder()
		ctx, root := sdk.NewTracerProvider(sdk.WithSpanProcessor(recorder)).Tracer("test").Start(t.Context(), "root")
		const secret = "13800138000"
		var n int
		read := func(r sqldb.Reader, ctx context.Context) {
			rows, err := r.Query(ctx, `SELECT 1 FROM (SELECT 1 AS a) b WHERE $1 <> ''`, secret)
			if err != nil {
				t.Fatal(err)
			}
			rows.Close()
			rows.Close()
			if err := r.QueryRow(ctx, `SELECT 1 FROM (SELECT 1 AS a) b WHERE $1 = ''`, secret).Scan(&n); !errors.Is(err, sqldb.ErrNoRows) {
				t.Error(err)
			}
		}
		read(db, t.Context()) // untraced
		read(db, ctx)
		if err := db.Snapshot(ctx, func(r sqldb.Reader) error { read(r, ctx); return nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Query(ctx, `SELECT '`+secret+`' FROM nothing`); err == nil {
			t.Error("a table that is not there was read")
		}
		var names []string
		for _, span := range recorder.Ended() {
			names = append(names, span.Name()+" "+span.Status().Code.String())
			if span.SpanContext().TraceID() != root.SpanContext().TraceID() || !span.Parent().IsValid() {
				t.Errorf("%s is in another trace", span.Name())
			}
			for _, a := range span.Attributes() {
				if strings.Contains(a.Value.Emit(), secret) {
					t.Errorf("%s shows %s", span.Name(), a.Key)
				}
			}
			if span.Status().Description != "" || len(span.Events()) > 0 {
				t.Errorf("%s says why it failed", span.Name())
			}
		}
		want := []string{"SELECT Unset", "SELECT Unset", "SELECT Unset", "SELECT Unset", "SNAPSHOT Unset", "SELECT nothing Error"}
		if !slices.Equal(names, want) {
			t.Errorf("spans %q", names)
		}
	})
}
