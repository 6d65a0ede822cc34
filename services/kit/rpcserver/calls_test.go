package rpcserver_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
	"github.com/throughtrain/throughtrain/services/kit/internal/echo"
	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

func TestViolationsNameTheFieldInBothLanguages(t *testing.T) {
	w := start(t, rpcserver.Config{}, func(d *rpcserver.Deps) {
		d.RuleTexts = map[string]fault.Text{"repeated.unique": {Zh: "标签重复", En: "tags repeat"}}
	})
	tests := []struct {
		name    string
		request echo.Message
		want    fault.Violation
	}{
		{"too short", echo.New(""), fault.Violation{Field: "freeText", Reason: "string.min_len", Text: fault.Text{Zh: "至少需要 1 个字符", En: "must have at least 1 characters"}}},
		{"too long", echo.New(strings.Repeat("长", 1001)), fault.Violation{Field: "freeText", Reason: "string.max_len", Text: fault.Text{Zh: "最多 1000 个字符，请缩短", En: "must have at most 1000 characters"}}},
		{"range", echo.New("x").Set("count", int32(11)), fault.Violation{Field: "count", Reason: "int32.gte_lte", Text: fault.Text{Zh: "必须不小于 0 且不大于 10", En: "must be at least 0 and at most 10"}}},
		{"item", echo.New("x").Set("short_tags", []string{"ok", "too long"}), fault.Violation{Field: "shortTags[1]", Reason: "string.max_len", Text: fault.Text{Zh: "最多 5 个字符，请缩短", En: "must have at most 5 characters"}}},
		{"own text", echo.New("x").Set("short_tags", []string{"a", "a"}), fault.Violation{Field: "shortTags", Reason: "repeated.unique", Text: fault.Text{Zh: "标签重复", En: "tags repeat"}}},
		{"nested", echo.New("x").Item("phone_number", "abc"), fault.Violation{Field: "item.phoneNumber", Reason: "string.pattern", Text: fault.Text{Zh: "格式不正确，请核对", En: "does not have the right form"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := echo.Call(w.as(), w.conn, echo.Person, tt.request)
			failure := refusal(t, err, "REQUEST_INVALID")
			if diff := cmp.Diff([]fault.Violation{tt.want}, failure.Violations); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("many", func(t *testing.T) {
		tags := make([]string, 30)
		for i := range tags {
			tags[i] = fmt.Sprint("longer", i)
		}
		_, err := echo.Call(w.as(), w.conn, echo.Person, echo.New("x").Set("short_tags", tags))
		failure := refusal(t, err, "REQUEST_INVALID")
		if len(failure.Violations) != 20 || failure.Metadata["violations"] != "30" {
			t.Errorf("%d violations, %v", len(failure.Violations), failure.Metadata)
		}
	})
}

func TestFaultsAndOtherErrors(t *testing.T) {
	w := start(t, rpcserver.Config{})
	own := fault.New(fault.Precondition, "STATE_FORBIDS", "当前状态不允许", "not in this state").With("state", "CLOSED").
		Field("state", "state", "已结案", "is closed").RetryIn(time.Second)
	tests := []struct {
		name   string
		err    error
		code   codes.Code
		reason string
	}{
		{"fault", fmt.Errorf("signing: %w", own.Wrap(errors.New("secret cause"))), codes.FailedPrecondition, "STATE_FORBIDS"},
		{"plain", errors.New("secret table"), codes.Internal, "INTERNAL"},
		{"deadline", context.DeadlineExceeded, codes.DeadlineExceeded, "DEADLINE_EXCEEDED"},
		{"status", status.Error(codes.Unimplemented, "secret text"), codes.Unimplemented, "UNIMPLEMENTED"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.echo = func(context.Context, string, echo.Message) (echo.Message, error) { return echo.Message{}, tt.err }
			_, err := echo.Call(t.Context(), w.conn, echo.Peer, echo.New("x"))
			failure := refusal(t, err, tt.reason)
			raw, _ := status.FromError(errors.Unwrap(err))
			if wire.Code(failure.Kind) != tt.code || raw.Code() != tt.code || strings.Contains(fmt.Sprint(raw.Proto()), "secret") {
				t.Errorf("sent %v", raw.Proto())
			}
			if tt.name == "fault" && (failure.Metadata["state"] != "CLOSED" || failure.RetryAfter != time.Second || len(failure.Violations) != 1) {
				t.Errorf("got %+v", failure)
			}
		})
	}
}

func TestAPanicIsAnInternalErrorAndTheServerLives(t *testing.T) {
	w := start(t, rpcserver.Config{})
	w.echo = func(context.Context, string, echo.Message) (echo.Message, error) { panic("secret of the handler") }
	_, err := echo.Call(t.Context(), w.conn, echo.Peer, echo.New("x"))
	if failure := refusal(t, err, "INTERNAL"); strings.Contains(fmt.Sprint(failure), "secret") {
		t.Error("the panic is told to the caller")
	}
	w.watch = func(grpc.ServerStream) error { panic("in a stream") }
	stream, err := echo.Open(w.as(), w.conn)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, stream.RecvMsg(echo.New("")), "INTERNAL")
	w.echo = func(_ context.Context, _ string, m echo.Message) (echo.Message, error) { return m, nil }
	_, err = echo.Call(t.Context(), w.conn, echo.Peer, echo.New("x"))
	expect(t, err, "")
	lines := w.lines()
	if len(lines["panic in a call"]) != 2 || !strings.Contains(fmt.Sprint(lines["panic in a call"][0]["stack"]), "calls_test.go") {
		t.Errorf("logged %v", lines)
	}
}

// lines stops the server and returns its log by message.
func (w *world) lines() map[string][]map[string]any {
	w.t.Helper()
	w.conn.Close()
	w.stop()
	w.stopped <- <-w.stopped // wait for the last line to be written, and leave the result for the cleanup
	out := map[string][]map[string]any{}
	for scan := bufio.NewScanner(w.log); scan.Scan(); {
		var line map[string]any
		if err := json.Unmarshal(scan.Bytes(), &line); err != nil {
			w.t.Fatal(err)
		}
		message := line["msg"].(string)
		out[message] = append(out[message], line)
	}
	return out
}

func TestOneLineACallWithoutPersonalData(t *testing.T) {
	w := start(t, rpcserver.Config{})
	ctx := observe.WithRequestID(w.as(), "r-1")
	canary := func(m echo.Message) echo.Message {
		return m.Item("phone_number", "13800000000").Set("name", "cities/410900/persons/张三")
	}
	for _, request := range []echo.Message{canary(echo.New("秘密")), canary(echo.New(""))} {
		_, _ = echo.Call(ctx, w.conn, echo.Person, request)
	}
	w.echo = func(context.Context, string, echo.Message) (echo.Message, error) {
		return echo.Message{}, errors.New("disk")
	}
	_, _ = echo.Call(ctx, w.conn, echo.Person, canary(echo.New("秘密")))
	logged := w.log
	text := func() string { return logged.String() }
	w.conn.Close()
	w.stop()
	w.stopped <- <-w.stopped
	all := text()
	for _, secret := range []string{"13800000000", "秘密", "张三", "Bearer", "eyJ"} {
		if strings.Contains(all, secret) {
			t.Errorf("%s is in the log", secret)
		}
	}
	calls := w.lines()["call"]
	levels := make([]string, len(calls))
	for i, line := range calls {
		levels[i] = fmt.Sprint(line["level"], " ", line["code"], " ", line["reason"])
		if line["request_id"] != "r-1" || line["method"] != echo.Person || line["caller"] != "person" || line["caller_id"] != "p1" || line["city"] != "410900" || line["took"] == nil {
			t.Errorf("line %v", line)
		}
	}
	want := []string{"debug OK <nil>", "warn InvalidArgument REQUEST_INVALID", "error Internal INTERNAL"}
	if diff := cmp.Diff(want, levels); diff != "" {
		t.Error(diff)
	}
}

func TestRequestIDsAreMadeTakenOverAndTold(t *testing.T) {
	w := start(t, rpcserver.Config{})
	var seen string
	w.echo = func(ctx context.Context, _ string, m echo.Message) (echo.Message, error) {
		seen = observe.RequestID(ctx)
		return m, fault.New(fault.Invalid, "X", "甲", "a")
	}
	for _, tt := range []struct {
		sent string
		told bool
	}{{"mine-1", false}, {"", true}, {"not\tgood", true}} {
		ctx := t.Context()
		if tt.sent != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "x-request-id", strings.ReplaceAll(tt.sent, "\t", " "))
		}
		var header metadata.MD
		_, err := echo.Call(ctx, w.conn, echo.Peer, echo.New("x"), grpc.Header(&header))
		if told := len(header.Get("x-request-id")) == 1 && header.Get("x-request-id")[0] == seen; told != tt.told || seen == "" || !tt.told && seen != tt.sent {
			t.Errorf("sent %q: seen %q, told %v", tt.sent, seen, header.Get("x-request-id"))
		}
		raw, _ := status.FromError(errors.Unwrap(err))
		found := ""
		for _, detail := range raw.Details() {
			if info, ok := detail.(*errdetails.RequestInfo); ok {
				found = info.GetRequestId()
			}
		}
		if found != seen {
			t.Errorf("the error names %q, not %q", found, seen)
		}
	}
}

func TestDeadlines(t *testing.T) {
	w := start(t, rpcserver.Config{Timeout: time.Hour})
	var left time.Duration
	w.echo = func(ctx context.Context, _ string, m echo.Message) (echo.Message, error) {
		deadline, _ := ctx.Deadline()
		left = time.Until(deadline)
		return m, nil
	}
	// The client always sets one; a bare stream of the same connection shows what the server does without.
	stream := func(ctx context.Context) error {
		s, err := w.conn.NewStream(ctx, &grpc.StreamDesc{}, echo.Peer)
		if err != nil {
			return err
		}
		if err := s.SendMsg(echo.New("x")); err != nil {
			return err
		}
		if err := s.CloseSend(); err != nil {
			return err
		}
		return s.RecvMsg(echo.New(""))
	}
	if err := stream(t.Context()); err != nil || left < 59*time.Minute || left > time.Hour {
		t.Errorf("%v left by default, %v", left, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := stream(ctx); err != nil || left > time.Minute {
		t.Errorf("%v left of the caller's minute, %v", left, err)
	}
	w.echo = func(ctx context.Context, _ string, m echo.Message) (echo.Message, error) {
		<-ctx.Done()
		return m, fmt.Errorf("query: %w", ctx.Err())
	}
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := echo.Call(ctx, w.conn, echo.Peer, echo.New("x"))
	expect(t, err, "DEADLINE_EXCEEDED")
}

func TestStreamsAreJudgedAsCallsAre(t *testing.T) {
	w := start(t, rpcserver.Config{})
	w.watch = func(s grpc.ServerStream) error {
		for {
			m := echo.New("")
			if err := s.RecvMsg(m); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			if authn.FromContext(s.Context()).Person != "p1" || observe.RequestID(s.Context()) == "" {
				return errors.New("the context of the call is lost")
			}
			if err := s.SendMsg(m); err != nil {
				return err
			}
		}
	}
	talk := func(ctx context.Context, m echo.Message) error {
		stream, err := echo.Open(ctx, w.conn)
		if err != nil {
			return err
		}
		if err := stream.SendMsg(m); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err := stream.RecvMsg(echo.New("")); err != nil {
			return err
		}
		if err := stream.CloseSend(); err != nil {
			return err
		}
		if err := stream.RecvMsg(echo.New("")); !errors.Is(err, io.EOF) {
			return fmt.Errorf("end of stream: %w", err)
		}
		return nil
	}
	expect(t, talk(w.as(), echo.New("x")), "")
	expect(t, talk(t.Context(), echo.New("x")), "ROLE_REQUIRED")
	expect(t, talk(w.as(), echo.New("")), "REQUEST_INVALID")
	expect(t, talk(w.as(), echo.New("x").Set("name", "cities/410700/things/1")), "NOT_FOUND")
}

func TestStoppingFinishesCallsAndEndsStreams(t *testing.T) {
	w := start(t, rpcserver.Config{})
	entered, release := make(chan struct{}), make(chan struct{})
	w.echo = func(_ context.Context, _ string, m echo.Message) (echo.Message, error) {
		close(entered)
		<-release
		return m, nil
	}
	w.watch = func(s grpc.ServerStream) error {
		if err := s.SendMsg(echo.New("ready")); err != nil {
			return err
		}
		<-s.Context().Done()
		return fault.New(fault.Unavailable, "STOPPING", "服务正在重启", "the service restarts")
	}
	stream, err := echo.Open(w.as(), w.conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.RecvMsg(echo.New("")); err != nil {
		t.Fatal(err)
	}
	called := make(chan error, 1)
	go func() {
		_, err := echo.Call(context.Background(), w.conn, echo.Peer, echo.New("x"))
		called <- err
	}()
	<-entered
	w.stop()
	expect(t, stream.RecvMsg(echo.New("")), "STOPPING")
	close(release)
	expect(t, <-called, "")
}

func TestWhatDoesNotStopIsCutOff(t *testing.T) {
	w := start(t, rpcserver.Config{StopTimeout: 20 * time.Millisecond})
	entered := make(chan struct{})
	w.echo = func(ctx context.Context, _ string, m echo.Message) (echo.Message, error) {
		close(entered)
		<-ctx.Done() // ends when the connection is cut
		return m, ctx.Err()
	}
	called := make(chan error, 1)
	go func() {
		_, err := echo.Call(context.Background(), w.conn, echo.Peer, echo.New("x"))
		called <- err
	}()
	<-entered
	w.stop()
	expect(t, <-called, "UNAVAILABLE")
}

func TestLimits(t *testing.T) {
	w := start(t, rpcserver.Config{})
	_, err := echo.Call(t.Context(), w.conn, echo.Peer, echo.New(strings.Repeat("x", rpcserver.MaxMessage+1)))
	expect(t, err, "LIMIT_REACHED")
	two := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer a", "authorization", "Bearer b")
	_, err = echo.Call(two, w.conn, echo.Peer, echo.New("x"))
	expect(t, err, "TOKEN_INVALID")
	basic := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Basic dTpw")
	_, err = echo.Call(basic, w.conn, echo.Peer, echo.New("x"))
	expect(t, err, "TOKEN_INVALID")
	none := metadata.AppendToOutgoingContext(t.Context(), "authorization", "")
	_, err = echo.Call(none, w.conn, echo.Peer, echo.New("x"))
	expect(t, err, "TOKEN_INVALID")
	if err := w.conn.Invoke(t.Context(), "/"+echo.Service+"/Nothing", echo.New("x"), echo.New("")); !fault.Has(err, "UNIMPLEMENTED") {
		t.Errorf("an unknown method: %v", err)
	}
}

func TestHealthNeedsNoToken(t *testing.T) {
	w := start(t, rpcserver.Config{})
	client := healthv1.NewHealthClient(w.conn)
	for _, service := range []string{"", echo.Service} {
		answer, err := client.Check(t.Context(), &healthv1.HealthCheckRequest{Service: service}, grpc.WaitForReady(true))
		if err != nil || answer.GetStatus() != healthv1.HealthCheckResponse_SERVING {
			t.Errorf("%q: %v, %v", service, answer, err)
		}
	}
}

func TestReflectionOnlyWhenAskedFor(t *testing.T) {
	for _, on := range []bool{false, true} {
		w := start(t, rpcserver.Config{Reflection: on})
		stream, err := w.conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
		if err == nil {
			if err = stream.CloseSend(); err == nil {
				err = stream.RecvMsg(echo.New(""))
			}
		}
		if fault.Has(err, "UNIMPLEMENTED") == on {
			t.Errorf("reflection %v: %v", on, err)
		}
	}
}

func TestMetricsCountByMethodAndCode(t *testing.T) {
	w := start(t, rpcserver.Config{})
	for range 3 {
		_, _ = echo.Call(t.Context(), w.conn, echo.Peer, echo.New("x"))
	}
	_, _ = echo.Call(t.Context(), w.conn, echo.Peer, echo.New(""))
	w.lines() // the server has stopped: all is counted
	families, err := w.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]uint64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range metric.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			if family.GetName() == "throughtrain_rpc_server_in_flight" && metric.GetGauge().GetValue() != 0 {
				t.Error("calls are left in flight")
			}
			if labels["method"] != "" {
				got[labels["service"]+" "+labels["method"]+" "+labels["code"]] = metric.GetHistogram().GetSampleCount()
			}
		}
	}
	want := map[string]uint64{echo.Service + " Peer OK": 3, echo.Service + " Peer InvalidArgument": 1}
	if !maps.Equal(got, want) {
		t.Errorf("counted %v", got)
	}
}

func TestTracingDoesNotGetInTheWay(t *testing.T) {
	w := start(t, rpcserver.Config{}, func(d *rpcserver.Deps) { d.Tracing = true })
	_, err := echo.Call(t.Context(), w.conn, echo.Peer, echo.New("x"))
	expect(t, err, "")
}
