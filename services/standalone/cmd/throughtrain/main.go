// Command throughtrain is the whole product in one process, and what an operator does to its data. It reads its settings, puts
// package standalone together, and runs it.
package main

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

// What the process ends with.
const (
	exitFailed = 1
	exitUsage  = 2
	exitWrong  = 2 // a check found what cannot wait
)

// commands is the command line. Each part has a Run method, which kong calls with what main binds.
type commands struct {
	Serve   serveCommand   `cmd:"" default:"withargs" help:"Serve everything from one process (the default)."`
	Doctor  doctorCommand  `cmd:"" help:"Say on one screen what is wrong with a product that runs, worst first. Ends with 0 when nothing is, 1 when somebody should look, 2 when somebody must act."`
	Backup  backupCommand  `cmd:"" help:"Copy all data into a folder while they are served: databases, files and keys, of one process or of a suite."`
	Restore restoreCommand `cmd:"" help:"Put a backup to where there is nothing, after comparing it with its manifest. Nothing may serve there."`
	Trust   trustCommand   `cmd:"" help:"Make the certificates and keys by which the processes of a suite know each other."`
	City    struct {
		Check cityCheck `cmd:"" help:"Check a city's folder; says everything that is wrong, with file and line."`
		Apply cityApply `cmd:"" help:"Apply a city's folder to the data of a process that does not serve. One that serves takes the folder with --city at its start, or the files at POST /v1/cities/{city}:apply."`
	} `cmd:"" help:"A city as a folder of files."`
	Staff struct {
		Password staffPassword `cmd:"" help:"Give an official a first password, good for one sign-in, and print it once."`
	} `cmd:"" help:"Officials, in the data of a process that does not serve. Who they are is in the city's staff file."`
	Journal struct {
		Verify journalVerify `cmd:"" help:"Recompute the hash chain of every history. May run beside a process that serves."`
	} `cmd:"" help:"The journals of all services."`
	Feed struct {
		Aside feedAside `cmd:"" help:"List the events that a service could not handle, with those that wait for them."`
		Retry feedRetry `cmd:"" help:"Have them tried again, in their order, when the process serves."`
	} `cmd:"" help:"What the services tell each other, in the data of a process that does not serve."`
	Board struct {
		Rebuild boardRebuild `cmd:"" help:"Fold a city's board anew from its tickets. For a process that serves there is POST /v1/cities/{city}/board:rebuild."`
		Check   boardCheck   `cmd:"" help:"Count a city's tickets anew and compare with its board. For a process that serves there is GET /v1/cities/{city}/board:check."`
	} `cmd:"" help:"The board, in the data of a process that does not serve."`
}

// dataFolder is the flag that all commands on data share. Its variable is not the one by the flag's name, THROUGHTRAIN_DATA: that
// one names a folder of messages to test with.
type dataFolder struct {
	Data string `default:".data" env:"THROUGHTRAIN_DATA_FOLDER" type:"path" help:"Folder of databases and keys."`
}

const description = "市长直通车 Through-Train: an enterprise's problem reaches a named official, is answered under a clock, and counts on the board."

func main() {
	ctx, stop := run.Signals(context.Background())
	defer stop()
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// errUsage marks what the caller has to say differently; errFound is a check that found something, and said so.
var (
	errUsage = errors.New("refused")
	errFound = errors.New("found")
)

// command runs one command line and returns what the process ends with.
func command(ctx context.Context, args []string, out, log io.Writer) int {
	var c commands
	parsed, err := config.Parse(&c, "throughtrain", description, args, out, kong.UsageOnError())
	switch {
	case errors.Is(err, config.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(log, "throughtrain:", err)
		return exitUsage
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	switch err := parsed.Run(&terminal{out: out, log: log}); {
	case err == nil:
		return 0
	case errors.Is(err, errFound):
		return exitFailed
	case errors.Is(err, errWrong):
		return exitWrong
	case errors.Is(err, errUsage):
		fmt.Fprintln(log, "throughtrain:", err)
		return exitUsage
	default:
		fmt.Fprintln(log, "throughtrain:", err)
		return exitFailed
	}
}

// terminal is where a command speaks: results and the banner to out, the log and failures to log.
type terminal struct{ out, log io.Writer }

func (t *terminal) say(format string, args ...any) {
	fmt.Fprintf(t.out, format+"\n", args...)
}
