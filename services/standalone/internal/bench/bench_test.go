package bench

import (
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestAnswersAreReadWhole(t *testing.T) {
	stream := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nfirst" +
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsec\r\n3\r\nond\r\n0\r\n\r\n" +
		"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
	a := newAnswers(iotest.OneByteReader(strings.NewReader(stream)))
	for _, want := range [][2]string{{"200", "first"}, {"200", "second"}, {"503", ""}} {
		status, content, err := a.next()
		if err != nil || status != want[0] || string(content) != want[1] {
			t.Errorf("got %s %q, %v; want %v", status, content, err, want)
		}
	}
	if _, _, err := a.next(); err == nil {
		t.Error("an answer was read where there is none")
	}
}

func TestQuantiles(t *testing.T) {
	r := &Round{Seconds: 2}
	for i := range 100 {
		r.Latencies = append(r.Latencies, time.Duration(i+1))
	}
	r.Filed = len(r.Latencies)
	if r.Quantile(0.5) != 51 || r.Quantile(0.99) != 100 || r.Quantile(1) != 100 || r.Rate() != 50 {
		t.Errorf("p50 %d, p99 %d, max %d, rate %f", r.Quantile(0.5), r.Quantile(0.99), r.Quantile(1), r.Rate())
	}
	if (&Round{}).Quantile(0.5) != 0 {
		t.Error("nothing has a latency")
	}
}

func TestThisProcessIsMeasured(t *testing.T) {
	used := time.Duration(0)
	for used == 0 { // asking is work, and shows after a hundredth of a second
		var err error
		if used, err = cpuTime(os.Getpid()); err != nil || used > time.Hour {
			t.Fatalf("processor time %v, %v", used, err)
		}
	}
	if size, err := resident(os.Getpid()); err != nil || size < 1<<20 {
		t.Errorf("memory %d, %v", size, err)
	}
}
