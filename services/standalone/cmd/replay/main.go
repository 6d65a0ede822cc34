// Command replay plays real messages through the product on a city clock that waits for it, and writes down what became of each.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/alecthomas/kong"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/throughtrain/throughtrain/services/standalone/internal/replay"
)

// The exit statuses.
const (
	exitFiled   = 0 // every message is filed, every reply given
	exitRefused = 1
	exitUsage   = 2
	exitFailed  = 3 // the replay itself came to no end
)

const description = `Plays the messages of FILE through the product: each is filed at its own time, moved by the smallest multiple of 364 days
that brings it to --from or later, signed at once, and answered with its reply at the reply's time, moved by as much.

FILE holds one JSON object per line: id, user, title, body, filed_at, and if it was answered reply and replied_at (RFC 3339). A
reply that is not later than its message is given right after it. A message without a reply stays open: the replay goes on until
no deadline is left, so it ends breached, with every rung of the ladder, and answered_at empty.

The CSV has a row per filed message in the order of filing: id, filed_at, due_at, answered_at, outcome (met or breached),
escalations (rungs reached up to the answer), provisional (due touches a projected year). A report as JSON goes to standard output.

With --detours, each message leaves the straight way, as chance by SEED and its line has it: questions, returns, more time, work orders,
hand-overs, conflicts, dialogues, files, reopening, in a city with every limit, until its reply is given when that came or later. What is to be
merged, withdrawn, rejected or claimed is filed beside it, with an id such as ID+1. Every clock is then recomputed from the exported events,
and every chain, the board and what each attendant carries are checked; a difference is a failure. The same file and seed give the same
bytes. The CSV has more columns: state, close_reason, cycle, confidential, merged_into, returns, returns_granted, extensions,
extensions_granted, orders, dialogues, directives, events, and for each kind of clock how many were met and breached; outcome is the state of
the last cycle's answer. The report counts verbs, refusals by reason, and every step of the process that was taken, or never was.

Exit status: 0 everything filed and answered, 1 something was refused (the report says what and why), 2 usage, 3 failure.`

type arguments struct {
	File      string `arg:"" help:"Messages, one JSON object per line."`
	CSV       string `name:"csv" required:"" placeholder:"OUT" help:"Where the rows go."`
	From      string `default:"2024-01-01" placeholder:"DATE" help:"Nothing is filed before this day (default ${default})."`
	Data      string `placeholder:"DIR" help:"Keep the product's data there, in a folder that is empty or not there yet."`
	Report    string `placeholder:"FILE" help:"Write the report there too."`
	Events    string `placeholder:"FILE" help:"Write every ticket's events there, one JSON object per line."`
	Detours   *int64 `placeholder:"SEED" help:"Leave the straight way, by chance that begins with this number."`
	Calendars string `required:"" placeholder:"DIR" help:"Folder of the calendar years."`
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var a arguments
	exited := -1
	parser, err := kong.New(&a, kong.Name("replay"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }))
	if err != nil {
		return failed(stderr, err)
	}
	_, err = parser.Parse(args)
	if exited >= 0 { // help was asked for
		return exited
	}
	var o replay.Options
	if err == nil {
		o, err = a.options(stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "replay:", err)
		fmt.Fprintln(stderr, "usage: replay FILE --csv OUT [--from DATE] [--data DIR] [--report FILE] [--events FILE] [--detours SEED]; --help says more")
		return exitUsage
	}
	return play(ctx, a, o, stdout, stderr)
}

// options checks what was asked for.
func (a arguments) options(stderr io.Writer) (replay.Options, error) {
	from, err := time.ParseInLocation(time.DateOnly, a.From, replay.Zone)
	if err != nil || from.Year() < 1980 || from.Year() > 2900 {
		return replay.Options{}, fmt.Errorf("--from %s: want a day such as 2024-01-01", a.From)
	}
	if info, err := os.Stat(a.File); err != nil || info.IsDir() {
		return replay.Options{}, errors.Join(fmt.Errorf("%s: want a file of messages", a.File), err)
	}
	if a.Data != "" {
		if entries, err := os.ReadDir(a.Data); err == nil && len(entries) > 0 {
			return replay.Options{}, fmt.Errorf("--data %s: the folder is not empty", a.Data)
		}
	}
	for _, out := range []string{a.CSV, a.Report, a.Events} {
		if info, err := os.Stat(filepath.Dir(out)); out != "" && (err != nil || !info.IsDir()) {
			return replay.Options{}, fmt.Errorf("%s: there is no such folder", filepath.Dir(out))
		}
	}
	encoder := zap.NewDevelopmentEncoderConfig()
	log := zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(encoder), zapcore.AddSync(stderr), zap.ErrorLevel))
	return replay.Options{From: from, Calendars: a.Calendars, Data: a.Data, Log: log, Detours: a.Detours}, nil
}

func play(ctx context.Context, a arguments, o replay.Options, stdout, stderr io.Writer) int {
	file, err := os.Open(a.File)
	if err != nil {
		return failed(stderr, err)
	}
	defer func() { _ = file.Close() }()
	rows, events := &whole{path: a.CSV}, &whole{path: a.Events}
	defer rows.drop()
	defer events.drop()
	if o.CSV, err = rows.open(); err != nil {
		return failed(stderr, err)
	}
	if a.Events != "" {
		if o.Histories, err = events.open(); err != nil {
			return failed(stderr, err)
		}
	}
	report, err := replay.Run(ctx, file, o)
	if err != nil {
		return failed(stderr, err)
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return failed(stderr, err)
	}
	text = append(text, '\n')
	err = errors.Join(rows.settle(), events.settle())
	if a.Report != "" {
		err = errors.Join(err, os.WriteFile(a.Report, text, 0o600))
	}
	if _, writeErr := stdout.Write(text); writeErr != nil || err != nil {
		return failed(stderr, errors.Join(err, writeErr))
	}
	if len(report.Refused) > 0 {
		return exitRefused
	}
	return exitFiled
}

func failed(stderr io.Writer, err error) int {
	fmt.Fprintln(stderr, "replay:", err)
	return exitFailed
}

// whole is a file that is there whole or not at all.
type whole struct {
	path string
	file *os.File
}

func (w *whole) open() (_ io.Writer, err error) {
	w.file, err = os.CreateTemp(filepath.Dir(w.path), "."+filepath.Base(w.path)+"-*")
	return w.file, err
}

// settle puts what was written in its place.
func (w *whole) settle() error {
	if w.file == nil {
		return nil
	}
	if err := errors.Join(w.file.Chmod(0o644), w.file.Close()); err != nil {
		return err
	}
	return os.Rename(w.file.Name(), w.path)
}

// drop removes what was not put in its place.
func (w *whole) drop() {
	if w.file != nil {
		_ = w.file.Close()           // closed before, if all went well
		_ = os.Remove(w.file.Name()) // moved before, if all went well
	}
}
