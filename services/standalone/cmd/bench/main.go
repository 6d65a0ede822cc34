// Command bench measures what filing costs, on the product as it is shipped.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/config"
	"github.com/throughtrain/throughtrain/services/kit/run"
	"github.com/throughtrain/throughtrain/services/standalone/internal/bench"
)

const description = `Starts the product as a process of its own on an empty folder, files tickets through REST over connections that stay open, and
prints for each number of connections: filings a second, latencies, errors, processor time of the product for one filing, memory.

Exit status: 0 measured, 1 something failed or was refused, 2 usage.`

// What the process ends with.
const (
	exitFailed = 1
	exitUsage  = 2
)

type arguments struct {
	Connections []int    `default:"1,64" placeholder:"N,..." help:"Connections of each round."`
	Seconds     int      `default:"10" help:"Seconds of measuring in each round."`
	Binary      string   `required:"" type:"existingfile" help:"The product's program."`
	City        string   `required:"" type:"existingdir" help:"Folder of the city to serve."`
	Profile     string   `placeholder:"FILE" help:"Write a processor profile of the product in the last round there, for go tool pprof."`
	Flag        []string `placeholder:"FLAG" sep:"none" help:"A flag for the product, such as --flag=--log-level=warn. Repeat for more."`
}

// Validate is called when the settings are read.
func (a *arguments) Validate() error {
	if a.Seconds < 1 || a.Seconds > bench.MaxSeconds {
		return fmt.Errorf("--seconds must be 1 to %d", bench.MaxSeconds)
	}
	for _, n := range a.Connections {
		if n < 1 {
			return errors.New("--connections must each be 1 or more")
		}
	}
	return nil
}

func main() {
	ctx, stop := run.Signals(context.Background())
	defer stop()
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// command runs one command line and returns what the process ends with.
func command(ctx context.Context, args []string, out, failures io.Writer) int {
	var a arguments
	_, err := config.Parse(&a, "bench", description, args, out)
	switch {
	case errors.Is(err, config.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(failures, "bench:", err)
		return exitUsage
	}
	status, client := 0, time.Duration(0)
	bench.Head(out)
	options := bench.Options{Binary: a.Binary, City: a.City, Connections: a.Connections, Seconds: a.Seconds, Flags: a.Flag, Profile: a.Profile}
	err = bench.Run(ctx, options, func(r *bench.Round) {
		bench.Row(out, r)
		client = r.Client
		if r.Failed > 0 {
			status = exitFailed
		}
	})
	if err != nil {
		fmt.Fprintln(failures, "bench:", err)
		return exitFailed
	}
	bench.Legend(out, client)
	return status
}
