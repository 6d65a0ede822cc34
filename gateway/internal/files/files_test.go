package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/throughtrain/throughtrain/gateway/internal/guard"
	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
)

const chunk = 1000 // of the services' streams

var (
	errNone     = fault.New(fault.NotFound, "DOCUMENT_NOT_FOUND", "没有找到这个文件。", "There is no such file.")
	errNotReady = fault.New(fault.Precondition, "DOCUMENT_NOT_READY", "文件尚未传完。", "The file is not there yet.")
	errOffsetIs = fault.New(fault.Conflict, "UPLOAD_OFFSET_MISMATCH", "起点不一致。", "The piece does not begin there.")
	created     = timestamppb.New(timestamppb.Now().AsTime().Truncate(1e9))
)

// shelf is two services with one file each, which takes pieces until it has its size.
type shelf struct {
	agencyv1.UnimplementedMaterialServiceServer
	hotlinev1.UnimplementedAttachmentServiceServer
	size    int
	content []byte
	streams int // how often it was streamed
	meta    metadata.MD
}

const (
	document   = "cities/410900/cases/01a2050d-5107-7035-b009-a741f39396b7/documents/01a2050d-5107-7035-b009-a741f39396b8"
	attachment = "cities/410900/tickets/01a2050d-5107-7035-b009-a741f39396b7/attachments/01a2050d-5107-7035-b009-a741f39396b8"
)

func (s *shelf) file() *agencyv1.Document {
	d := &agencyv1.Document{Name: document, FileName: "图 纸.pdf", Size: int64(s.size), Offset: int64(len(s.content)), State: agencyv1.Document_UPLOADING}
	if len(s.content) == s.size {
		sum := sha256.Sum256(s.content)
		d.State, d.MediaType, d.ContentSize, d.ContentSha256, d.ReadyTime = agencyv1.Document_READY, "application/pdf", int64(s.size), hex.EncodeToString(sum[:]), created
	}
	return d
}

func (s *shelf) GetDocument(ctx context.Context, in *agencyv1.GetDocumentRequest) (*agencyv1.Document, error) {
	s.meta, _ = metadata.FromIncomingContext(ctx)
	if in.GetName() != document {
		return nil, wire.Status(errNone).Err()
	}
	return s.file(), nil
}

func (s *shelf) WriteDocument(_ context.Context, in *agencyv1.WriteDocumentRequest) (*agencyv1.Document, error) {
	switch {
	case in.GetName() != document:
		return nil, wire.Status(errNone).Err()
	case int(in.GetOffset()) != len(s.content):
		return nil, wire.Status(errOffsetIs.With("offset", strconv.Itoa(len(s.content)))).Err()
	}
	s.content = append(s.content, in.GetData()...)
	return s.file(), nil
}

func (s *shelf) ReadDocument(in *agencyv1.ReadDocumentRequest, out grpc.ServerStreamingServer[agencyv1.ReadDocumentResponse]) error {
	s.streams++
	if len(s.content) < s.size {
		return wire.Status(errNotReady).Err()
	}
	if err := out.Send(&agencyv1.ReadDocumentResponse{Document: s.file()}); err != nil {
		return err
	}
	for at := int(in.GetOffset()); at < s.size; at += chunk {
		if err := out.Send(&agencyv1.ReadDocumentResponse{Data: s.content[at:min(at+chunk, s.size)]}); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) GetAttachment(_ context.Context, in *hotlinev1.GetAttachmentRequest) (*hotlinev1.Attachment, error) {
	return &hotlinev1.Attachment{Name: in.GetName(), Size: 7, Offset: 3, State: hotlinev1.Attachment_UPLOADING}, nil
}

func (s *shelf) ReadAttachment(*hotlinev1.ReadAttachmentRequest, grpc.ServerStreamingServer[hotlinev1.ReadAttachmentResponse]) error {
	return wire.Status(fault.New(fault.Precondition, "ATTACHMENT_NOT_READY", "文件尚未传完。", "The file is not there yet.")).Err()
}

// serve puts the routes of a shelf's files behind the guard and returns their address.
func serve(t *testing.T, s *shelf) string {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	agencyv1.RegisterMaterialServiceServer(server, s)
	hotlinev1.RegisterAttachmentServiceServer(server, s)
	go func() { _ = server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///memory", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	if err := Register(mux, nil, Source{conn, tickets}, Source{conn, cases}); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(guard.New(mux, guard.Options{}))
	t.Cleanup(func() { web.Close(); _ = conn.Close(); server.Stop() })
	return web.URL + "/v1/"
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// reason is the machine's word in a refusal.
func (a answer) reason() string {
	var refusal struct {
		Details []struct {
			Reason string `json:"reason"`
		} `json:"details"`
	}
	_ = json.Unmarshal(a.body, &refusal)
	for _, d := range refusal.Details {
		if d.Reason != "" {
			return d.Reason
		}
	}
	return ""
}

func ask(t *testing.T, method, url string, body []byte, header ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer token")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	all, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{got.StatusCode, got.Header, all}
}

// TestADocumentOfACase goes up in pieces and comes down whole and in parts.
func TestADocumentOfACase(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 500)
	s := &shelf{size: len(content)}
	url := serve(t, s) + document
	piece := func(at int, piece []byte) answer {
		return ask(t, http.MethodPatch, url, piece, "Content-Type", guard.PieceType, "Upload-Offset", strconv.Itoa(at))
	}
	if got := piece(0, content[:3000]); got.status != http.StatusOK || got.header.Get("Upload-Offset") != "3000" || !bytes.Contains(got.body, []byte(`"UPLOADING"`)) {
		t.Errorf("a piece: %d %s", got.status, got.body)
	}
	if got := piece(4000, content[4000:]); got.status != http.StatusConflict || got.header.Get("Upload-Offset") != "3000" || got.reason() != "UPLOAD_OFFSET_MISMATCH" {
		t.Errorf("a gap: %d %s", got.status, got.body)
	}
	head := ask(t, http.MethodHead, url, nil)
	if head.status != http.StatusOK || head.header.Get("Upload-Offset") != "3000" || head.header.Get("Upload-Length") != "8000" {
		t.Errorf("where to go on: %d %v", head.status, head.header)
	}
	if s.meta.Get("authorization")[0] != "Bearer token" || len(s.meta.Get("x-client-address")) != 1 {
		t.Errorf("the service is told %v", s.meta)
	}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		got := ask(t, method, url+"/content", nil)
		if got.status != http.StatusBadRequest || method == http.MethodGet && got.reason() != "DOCUMENT_NOT_READY" {
			t.Errorf("%s before it is there: %d %s", method, got.status, got.body)
		}
	}
	if got := piece(3000, content[3000:]); got.status != http.StatusOK || !bytes.Contains(got.body, []byte(`"READY"`)) {
		t.Fatalf("the last piece: %d %s", got.status, got.body)
	}
	sum := sha256.Sum256(content)
	tag := `"` + hex.EncodeToString(sum[:]) + `"`
	s.streams = 0
	for what, c := range map[string]struct {
		method string
		header []string
		status int
		want   []byte
	}{
		"whole":              {http.MethodGet, nil, http.StatusOK, content},
		"without its bytes":  {http.MethodHead, nil, http.StatusOK, nil},
		"a part":             {http.MethodGet, []string{"Range", "bytes=1500-4499"}, http.StatusPartialContent, content[1500:4500]},
		"its end":            {http.MethodGet, []string{"Range", "bytes=-10"}, http.StatusPartialContent, content[len(content)-10:]},
		"a part of the same": {http.MethodGet, []string{"Range", "bytes=0-9", "If-Range", tag}, http.StatusPartialContent, content[:10]},
		"a part of another":  {http.MethodGet, []string{"Range", "bytes=0-9", "If-Range", `"another"`}, http.StatusOK, content},
		"known already":      {http.MethodGet, []string{"If-None-Match", tag}, http.StatusNotModified, nil},
		"behind the end":     {http.MethodGet, []string{"Range", "bytes=8000-"}, http.StatusRequestedRangeNotSatisfiable, nil},
	} {
		got := ask(t, c.method, url+"/content", nil, c.header...)
		if got.status != c.status || c.want != nil && !bytes.Equal(got.body, c.want) {
			t.Errorf("%s: %d, %d bytes", what, got.status, len(got.body))
		}
		if got.status < http.StatusBadRequest && got.header.Get("Etag") != tag {
			t.Errorf("%s: tag %s", what, got.header.Get("Etag"))
		}
	}
	if s.streams != 5 { // nothing is streamed to who wants no bytes
		t.Errorf("it was streamed %d times", s.streams)
	}
	whole := ask(t, http.MethodGet, url+"/content", nil)
	for name, want := range map[string]string{"Content-Type": "application/pdf", "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache",
		"Content-Length": "8000", "Content-Disposition": `attachment; filename="_ _.pdf"; filename*=UTF-8''%E5%9B%BE%20%E7%BA%B8.pdf`} {
		if got := whole.header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
}

// TestWhereThereIsNothing: what the service says of a file is what is answered, in its own words.
func TestWhereThereIsNothing(t *testing.T) {
	s := &shelf{size: 10}
	base := serve(t, s)
	other := base + strings.Replace(document, "cases/01", "cases/02", 1)
	for what, got := range map[string]answer{
		"a piece":  ask(t, http.MethodPatch, other, []byte("x"), "Content-Type", guard.PieceType, "Upload-Offset", "0"),
		"content":  ask(t, http.MethodGet, other+"/content", nil),
		"a detour": ask(t, http.MethodGet, base+strings.Replace(document, "cases/01", "cases/..%2Fcases%2F01", 1)+"/content", nil),
	} {
		if got.status != http.StatusNotFound || got.reason() != "DOCUMENT_NOT_FOUND" {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
	}
	if got := ask(t, http.MethodHead, other, nil); got.status != http.StatusNotFound {
		t.Errorf("where to go on: %d", got.status)
	}
	for what, got := range map[string]answer{
		"no offset":    ask(t, http.MethodPatch, base+document, []byte("x"), "Content-Type", guard.PieceType),
		"another type": ask(t, http.MethodPatch, base+document, []byte("{}"), "Content-Type", "application/json", "Upload-Offset", "0"),
		"a question":   ask(t, http.MethodGet, base+document+"/content?a=b", nil),
	} {
		if want := map[string]string{"no offset": "REQUEST_INVALID", "another type": "CONTENT_TYPE_UNSUPPORTED", "a question": "UNKNOWN_PARAMETER"}[what]; got.reason() != want {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
	}
	if len(s.content) != 0 {
		t.Errorf("%d bytes were taken", len(s.content))
	}
}

// TestATicketsFile goes the same way, by its own contract.
func TestATicketsFile(t *testing.T) {
	url := serve(t, &shelf{}) + attachment
	if head := ask(t, http.MethodHead, url, nil); head.status != http.StatusOK || head.header.Get("Upload-Offset") != "3" || head.header.Get("Upload-Length") != "7" {
		t.Errorf("where to go on: %d %v", head.status, head.header)
	}
	if got := ask(t, http.MethodGet, url+"/content", nil); got.reason() != "ATTACHMENT_NOT_READY" {
		t.Errorf("before it is there: %d %s", got.status, got.body)
	}
}
