package sqldb

import (
	"context"
	"errors"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

const tracerName = "github.com/throughtrain/throughtrain/services/kit/sqldb"

// recorded tells whether there is a span to put others under. Everything else here costs nothing without one.
func recorded(ctx context.Context) bool { return trace.SpanFromContext(ctx).IsRecording() }

// begin begins a span under the one in the context. It has a statement's name: neither its text nor its arguments, nor what the
// database says of them.
func (db *DB) begin(ctx context.Context, name string) (context.Context, trace.Span) {
	return trace.SpanFromContext(ctx).TracerProvider().Tracer(tracerName).Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("db.system.name", db.engine.System()), attribute.String("db.query.summary", name)))
}

// System is what others call the engine.
func (e Engine) System() string {
	if e == Postgres {
		return "postgresql"
	}
	return string(e)
}

func end(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// tracedRows end a span when they are closed.
type tracedRows struct {
	Rows
	span trace.Span
}

func (r *tracedRows) Close() {
	r.Rows.Close()
	if r.span != nil {
		end(r.span, r.Err())
		r.span = nil
	}
}

// tracedRow ends a span when it is read.
type tracedRow struct {
	row  Row
	span trace.Span
}

func (r tracedRow) Scan(dest ...any) error {
	err := r.row.Scan(dest...)
	if errors.Is(err, ErrNoRows) {
		r.span.End() // that there is nothing is an answer
		return err
	}
	end(r.span, err)
	return err
}

// traced reads with a span for each statement.
func (db *DB) traced(reader Reader) Reader { return tracedReader{db, reader} }

type tracedReader struct {
	db *DB
	Reader
}

func (t tracedReader) Query(ctx context.Context, text string, args ...any) (Rows, error) {
	ctx, span := t.db.begin(ctx, StatementName(text))
	rows, err := t.Reader.Query(ctx, text, args...)
	if err != nil {
		end(span, err)
		return nil, err
	}
	return &tracedRows{rows, span}, nil
}

func (t tracedReader) QueryRow(ctx context.Context, text string, args ...any) Row {
	ctx, span := t.db.begin(ctx, StatementName(text))
	return tracedRow{t.Reader.QueryRow(ctx, text, args...), span}
}

// StatementName is a statement's verb and the table it is about: what may be seen of it from outside.
func StatementName(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '(' || r == ')' || r == ',' })
	if len(words) == 0 {
		return "statement"
	}
	verb := strings.ToUpper(words[0])
	before := map[string]string{"INSERT": "INTO", "UPDATE": "UPDATE"}[verb]
	if before == "" {
		before = "FROM"
	}
	for i, word := range words[:len(words)-1] {
		if next := words[i+1]; strings.EqualFold(word, before) && !strings.EqualFold(next, "SELECT") {
			return verb + " " + next
		}
	}
	return verb
}
