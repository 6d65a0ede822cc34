package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"github.com/throughtrain/throughtrain/services/kit/config"
	"github.com/throughtrain/throughtrain/services/kit/run"
)

// What a process ends with.
const (
	exitFailed = 1
	exitUsage  = 2
)

// ErrUsage marks what the caller has to say differently.
var ErrUsage = errors.New("refused")

// Terminal is where a command speaks: results to Out, the log and failures to Log.
type Terminal struct{ Out, Log io.Writer }

// Say says a line of a result.
func (t *Terminal) Say(format string, args ...any) {
	fmt.Fprintf(t.Out, format+"\n", args...)
}

// Main runs the program's command line until it is done or told to stop, and returns what the process ends with. The command line is a
// struct of settings with Run(context.Context, *Terminal) error, or one of commands that have it.
func Main(name, description string, commands any) int {
	ctx, stop := run.Signals(context.Background())
	defer stop()
	return Command(ctx, name, description, commands, os.Args[1:], &Terminal{os.Stdout, os.Stderr})
}

// Command is Main with everything that it would take from the system.
func Command(ctx context.Context, name, description string, commands any, args []string, t *Terminal) int {
	parsed, err := config.Parse(commands, name, description, args, t.Out, kong.UsageOnError())
	switch {
	case errors.Is(err, config.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(t.Log, "%s: %v\n", name, err)
		return exitUsage
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(t); err != nil && !(errors.Is(err, context.Canceled) && ctx.Err() != nil) {
		fmt.Fprintf(t.Log, "%s: %v\n", name, err)
		if errors.Is(err, ErrUsage) {
			return exitUsage
		}
		return exitFailed
	}
	return 0
}
