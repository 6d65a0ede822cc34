package standalone_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/throughtrain/throughtrain/services/standalone"
)

// TestTheTourHolds pastes the tour of the README into a shell, as a newcomer does, and looks at what it shows.
func TestTheTourHolds(t *testing.T) {
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	b := boot(t, t.TempDir(), func(c *standalone.Config) { c.Demo = true })
	takeTour(t, b.base, func(int) string { return "" })
}

// takeTour takes the tour at an address. What between returns for the number of a block is typed before the block.
func takeTour(t *testing.T, base string, between func(block int) string) {
	t.Helper()
	const address = "http://127.0.0.1:8080"
	blocks := tourBlocks(t)
	if tour := strings.Join(blocks, "\n"); strings.Count(tour, address) != 1 {
		t.Fatalf("the tour names its address %d times, and once is what can be replaced", strings.Count(tour, address))
	}
	var typed strings.Builder
	for i, block := range blocks {
		typed.WriteString(between(i) + "\n" + strings.ReplaceAll(block, address, base) + "\n")
	}
	shell := exec.CommandContext(t.Context(), "bash", "--norc")
	shell.Env = append(os.Environ(), "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	shell.Stdin = strings.NewReader(typed.String()) // as pasted: a fault does not stop what follows
	var out, faults bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &faults
	if err := shell.Run(); err != nil || faults.Len() > 0 {
		t.Fatalf("%v\n%s\n%s", err, &faults, &out)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) < 2 || !strings.HasPrefix(lines[0], "cities/410900/tickets/") || lines[1] != lines[0] {
		t.Errorf("filing twice with one key does not show one ticket twice: %.200s", out.String())
	}
	for _, shows := range []string{
		`"holderCard"`, "IN_PROGRESS\nIN_PROGRESS\nWAITING\nIN_PROGRESS\nANSWERED\nCLOSED\n",
		`"events":`, `"asOf`, `"verified":`, "UNKNOWN_FIELD", "tittle",
		"/workOrders/1\nSIGNED\n", "ORDERS_OPEN", "DONE\n", `"workOrders":`, "不同意退单", "同意延期", "列入督办", "直接对话已进行",
		"READY\n", "受理通知书：编号 20260001。\n", "404\n200\n", "event: ready", "event: changed",
	} {
		if !strings.Contains(out.String(), shows) {
			t.Errorf("the tour does not show %q: %s", shows, &out)
		}
	}
}

// tourBlocks are the blocks of the README's tour, in their order.
func tourBlocks(t *testing.T) []string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, tour, found := strings.Cut(string(readme), "\n## A tour with curl\n")
	if !found {
		t.Fatal("the README has no tour")
	}
	tour, _, _ = strings.Cut(tour, "\n## ")
	var blocks []string
	for _, block := range regexp.MustCompile("(?s)\n```sh\n(.*?)\n```\n").FindAllStringSubmatch(tour, -1) {
		blocks = append(blocks, block[1])
	}
	if len(blocks) < 5 {
		t.Fatalf("the tour has %d blocks", len(blocks))
	}
	return blocks
}
