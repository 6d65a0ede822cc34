package change_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/change/changetest"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// victimVariable makes the test binary a process that writes until it is killed.
const victimVariable = "CHANGE_TEST_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victimVariable); path != "" {
		fmt.Fprintln(os.Stderr, writeForEver(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForEver commits from many goroutines and prints each thing's name and version after its commit.
func writeForEver(path string) error {
	ctx := context.Background()
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: "sqlite:" + path})
	if err != nil {
		return err
	}
	if err := sqldb.Migrate(ctx, db, change.Schema(), changetest.Schema()); err != nil {
		return err
	}
	s, err := change.New(ctx, db, change.Options{})
	if err != nil {
		return err
	}
	failed := make(chan error)
	for i := range 16 {
		go func() {
			for n := 0; ; n++ {
				th := &changetest.Thing{ID: fmt.Sprintf("%d-%d-%d", os.Getpid(), i, n)}
				for range 2 {
					c := th.Change(fmt.Sprint(th.ID, " ", th.Head.Version))
					if err := s.Commit(ctx, c); err != nil {
						failed <- err
						return
					}
					th.Committed(c)
					fmt.Printf("%s %d\n", th.ID, th.Head.Version) // one write call a line, so no line is torn but the last
				}
			}
		}()
	}
	return <-failed
}

// A process killed in the middle of a storm has lost nothing that it acknowledged, and left no half of anything.
func TestKilledWriterLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "storm.db")
	acknowledged := make(map[string]int64)
	for round := range 4 {
		lines := kill(t, path, 150*(round+1))
		for _, line := range lines {
			var id string
			var version int64
			if _, err := fmt.Sscan(line, &id, &version); err != nil {
				t.Fatalf("line %q: %v", line, err)
			}
			acknowledged[id] = max(acknowledged[id], version)
		}
	}
	s := kittest.OpenStore(t, "sqlite:"+path, change.Options{}, changetest.Schema())
	var all []change.FeedEvent
	for {
		page, err := s.Feed(t.Context(), int64(len(all)), 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		all = append(all, page...)
	}
	stored := changetest.VerifyFeed(t, all)
	for id, version := range acknowledged {
		if chain := stored[id]; chain == nil || chain.Version < version {
			t.Errorf("%s was acknowledged at version %d and is stored as %+v", id, version, chain)
		}
	}
	rows, err := sqldb.Collect(func(row sqldb.Row) (th changetest.Thing, err error) {
		err = row.Scan(&th.ID, &th.Head.Version)
		return th, err
	})(s.DB().Query(t.Context(), "SELECT id, version FROM thing"))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(stored) {
		t.Errorf("%d rows and %d histories", len(rows), len(stored))
	}
	for _, row := range rows {
		if chain := stored[row.ID]; chain == nil || chain.Version != row.Head.Version {
			t.Errorf("row %+v has history %+v", row, chain)
		}
	}
	t.Logf("%d acknowledged, %d stored", len(acknowledged), len(stored))
}

// kill runs a victim, kills it after some acknowledgements, and returns all that it printed.
func kill(t *testing.T, path string, after int) []string {
	t.Helper()
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), victimVariable+"="+path)
	victim.Stderr = os.Stderr
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
		if len(lines) == after {
			if err := victim.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := victim.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the victim ended by itself: %v", err)
	}
	return lines
}
