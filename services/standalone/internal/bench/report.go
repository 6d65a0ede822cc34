package bench

import (
	"fmt"
	"io"
	"time"
)

// Head writes the head of the table.
func Head(out io.Writer) {
	fmt.Fprintf(out, "%11s %9s %8s %8s %8s %8s %7s %11s %11s %9s %9s\n", "connections", "filings/s", "p50 ms", "p95 ms", "p99 ms", "max ms", "errors",
		"CPU us each", "to answer", "caught up", "RSS MiB")
}

// Row writes a round.
func Row(out io.Writer, r *Round) {
	fmt.Fprintf(out, "%11d %9.0f %8.2f %8.2f %8.2f %8.2f %7d %11d %11d %8.1fs %9.0f\n", r.Connections, r.Rate(), ms(r.Quantile(0.50)), ms(r.Quantile(0.95)),
		ms(r.Quantile(0.99)), ms(r.Quantile(1)), r.Failed, r.PerFiling.Microseconds(), r.Answering.Microseconds(), r.CaughtUp.Seconds(),
		float64(r.Resident)/(1<<20))
	if r.FirstError != "" {
		fmt.Fprintf(out, "%11s one of the errors: %.300s\n", "", r.FirstError)
	}
}

// Legend says what the columns mean.
func Legend(out io.Writer, clientEach time.Duration) {
	fmt.Fprintf(out, `
Each filing is a POST of a ticket over REST, answered once SQLite has synced it (synchronous=FULL), with token, validation, number, clocks,
journal and deadline; CPU us each is the product's processor time for it with all that follows: routing to an official and the
board. "to answer" is the part until the last answer, "caught up" how long the rest took. This program itself took %d us for each.
`, clientEach.Microseconds())
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
