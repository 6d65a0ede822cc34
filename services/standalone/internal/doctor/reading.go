// Package doctor says what is wrong with a running product now, from what its processes show on their admin addresses. It looks twice, so that what
// happens can be told from what has happened, and says each finding in both languages, worst first. It changes nothing.
//
// It depends on Prometheus' text format only.
package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Reading is what one process showed at one moment.
type Reading struct {
	Address  string
	At       time.Time // by our clock, half-way between asking for the metrics and their beginning
	Trip     time.Duration
	Failing  map[string]string // what is not ready, by name
	Err      error             // it could not be asked
	families map[string]*dto.MetricFamily
}

const (
	askTime  = 5 * time.Second
	mostRead = 32 << 20
)

// Read asks every admin address, all at once.
func Read(ctx context.Context, addresses []string) []Reading {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	out := make([]Reading, len(addresses))
	var all sync.WaitGroup
	for i, address := range addresses {
		all.Go(func() { out[i] = read(ctx, address) })
	}
	all.Wait()
	return out
}

// Answers tells whether any process could be asked.
func Answers(readings []Reading) bool {
	return slices.ContainsFunc(readings, func(r Reading) bool { return r.Err == nil })
}

func read(ctx context.Context, address string) Reading {
	r := Reading{Address: address}
	r.Failing, r.Err = ready(ctx, address)
	if r.Err != nil {
		return r
	}
	asked := time.Now()
	response, err := get(ctx, "http://"+address+"/metrics")
	if err != nil {
		r.Err = err
		return r
	}
	defer func() { _ = response.Body.Close() }()
	r.Trip = time.Since(asked)
	r.At = asked.Add(r.Trip / 2)
	if response.StatusCode != http.StatusOK {
		r.Err = fmt.Errorf("/metrics answers %s", response.Status)
		return r
	}
	r.Err = r.parse(io.LimitReader(response.Body, mostRead))
	return r
}

func (r *Reading) parse(text io.Reader) (err error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	if r.families, err = parser.TextToMetricFamilies(text); err != nil {
		return fmt.Errorf("what it shows are no metrics: %w", err)
	}
	if r.families["throughtrain_time_seconds"] == nil {
		return fmt.Errorf("this is no admin address of Through-Train")
	}
	return nil
}

// ready asks what is not ready.
func ready(ctx context.Context, address string) (map[string]string, error) {
	response, err := get(ctx, "http://"+address+"/readyz")
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	switch response.StatusCode {
	case http.StatusOK:
		return nil, nil
	case http.StatusServiceUnavailable:
		var said struct{ Failing map[string]string }
		if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&said); err != nil {
			return nil, fmt.Errorf("/readyz: %w", err)
		}
		return said.Failing, nil
	default:
		return nil, fmt.Errorf("/readyz answers %s", response.Status)
	}
}

func get(ctx context.Context, url string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(request)
}

// point is one series of a metric. The value of a histogram is how often it observed something.
type point struct {
	labels  map[string]string
	value   float64
	buckets []*dto.Bucket
}

func (p *point) key() string {
	names := make([]string, 0, len(p.labels))
	for name, value := range p.labels {
		names = append(names, name+"="+value)
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// points are the series of a metric, in a fixed order.
func (r *Reading) points(name string) []point {
	family := r.families[name]
	var out []point
	for _, m := range family.GetMetric() {
		p := point{labels: map[string]string{}}
		for _, label := range m.GetLabel() {
			p.labels[label.GetName()] = label.GetValue()
		}
		switch family.GetType() {
		case dto.MetricType_COUNTER:
			p.value = m.GetCounter().GetValue()
		case dto.MetricType_HISTOGRAM:
			p.value, p.buckets = float64(m.GetHistogram().GetSampleCount()), m.GetHistogram().GetBucket()
		default:
			p.value = m.GetGauge().GetValue()
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b point) int { return strings.Compare(a.key(), b.key()) })
	return out
}

// since is what was counted since an earlier reading. A counter that went back began anew.
func (r *Reading) since(earlier *Reading, name string) []point {
	before := map[string]point{}
	for _, p := range earlier.points(name) {
		before[p.key()] = p
	}
	now := r.points(name)
	for i := range now {
		if was, ok := before[now[i].key()]; ok && was.value <= now[i].value {
			now[i].value -= was.value
			for n, b := range now[i].buckets {
				if n < len(was.buckets) {
					less := b.GetCumulativeCount() - was.buckets[n].GetCumulativeCount()
					now[i].buckets[n] = &dto.Bucket{UpperBound: b.UpperBound, CumulativeCount: &less}
				}
			}
		}
	}
	return now
}
