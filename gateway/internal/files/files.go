// Package files moves the bytes of files between HTTP and the services: pieces in, ranges out. It owns none and keeps none. What a method
// of a contract is annotated to do (options.v1.content) is done here, because JSON is no way to send a photo.
//
// Uploads are resumable, in the manner of tus (https://tus.io) as far as HTTP needs it: HEAD says Upload-Offset and Upload-Length, PATCH with
// Upload-Offset and a body of application/offset+octet-stream goes on from there. What arrived of a piece before the network
// broke stays. Downloads are of one kind only: an attachment that no browser opens in our name.
//
// It depends on the contracts, on guard, onward and problem.
package files

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/throughtrain/throughtrain/gateway/internal/guard"
	"github.com/throughtrain/throughtrain/gateway/internal/onward"
	"github.com/throughtrain/throughtrain/gateway/internal/problem"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
)

const (
	// asking bounds a question about a file, writing the last piece of one included: then it is judged.
	asking  = 10 * time.Second
	writing = 60 * time.Second
)

// handler serves the files of one service.
type handler struct {
	*contract
	proxies []*net.IPNet
	readers *readers
}

// Register puts the routes of the sources' files on a mux.
func Register(mux *http.ServeMux, proxies []*net.IPNet, sources ...Source) error {
	reading := &readers{by: map[string]int{}} // all of them together
	for _, source := range sources {
		c, err := contractOf(source)
		if err != nil {
			return err
		}
		h := &handler{contract: c, proxies: proxies, readers: reading}
		mux.HandleFunc("HEAD "+c.upload.pattern, h.offset)
		mux.HandleFunc("PATCH "+c.upload.pattern, h.piece)
		mux.HandleFunc("GET "+c.download.pattern, h.content)
	}
	return nil
}

var (
	errOffset = fault.New(fault.Invalid, "REQUEST_INVALID",
		"请求头 Upload-Offset 必须是这一段在文件中的起始位置。", "The header Upload-Offset has to say where in the file the piece begins.").
		Field("Upload-Offset", "header", "缺失或不是数字。", "Missing, or no number.")
	errContentType = fault.New(fault.Invalid, "CONTENT_TYPE_UNSUPPORTED",
		"上传文件内容请使用 Content-Type: application/offset+octet-stream。", "Pieces of a file are sent as application/offset+octet-stream.")
	errQuery = fault.New(fault.Invalid, "UNKNOWN_PARAMETER",
		"该地址不接受网址参数。", "This route takes no query parameters.")
)

// calling is a context that says behind the gateway who calls, as the REST routes do.
func (h *handler) calling(ctx context.Context, r *http.Request) context.Context {
	return onward.Context(ctx, r, guard.ClientAddress(r, h.proxies))
}

// asked is what is known of a file to who asks.
func (h *handler) asked(r *http.Request, name string) (file, error) {
	if r.URL.RawQuery != "" {
		return nil, errQuery
	}
	ctx, cancel := context.WithTimeout(h.calling(r.Context(), r), asking)
	defer cancel()
	return h.known(ctx, name)
}

func fail(w http.ResponseWriter, r *http.Request, err error) {
	f := wire.From(err)
	if at := f.Metadata["offset"]; f.Reason == "UPLOAD_OFFSET_MISMATCH" && at != "" {
		w.Header().Set("Upload-Offset", at)
	}
	problem.Write(w, r, f)
}

// progress says how far an upload is.
func progress(w http.ResponseWriter, f file) {
	w.Header().Set("Upload-Offset", strconv.FormatInt(f.GetOffset(), 10))
	w.Header().Set("Upload-Length", strconv.FormatInt(f.GetSize(), 10))
}

// offset answers where to go on.
func (h *handler) offset(w http.ResponseWriter, r *http.Request) {
	f, err := h.asked(r, h.upload.nameIn(r))
	if err != nil {
		fail(w, r, err)
		return
	}
	progress(w, f)
	w.WriteHeader(http.StatusOK)
}

// piece passes on what arrived of a piece, also when it is not all that was meant to come.
func (h *handler) piece(w http.ResponseWriter, r *http.Request) {
	body, isPiece := r.Body.(*guard.Body)
	if !isPiece || !body.Piece {
		problem.Write(w, r, errContentType)
		return
	}
	at, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || at < 0 || len(r.Header.Values("Upload-Offset")) != 1 {
		problem.Write(w, r, errOffset)
		return
	}
	if body.Fault != nil && body.Len() == 0 {
		problem.Write(w, r, body.Fault)
		return
	}
	data := make([]byte, body.Len())
	_, _ = body.Read(data) // from memory: it cannot fail
	// A client that is gone still wants what it sent to be kept.
	ctx, cancel := context.WithTimeout(h.calling(context.WithoutCancel(r.Context()), r), writing)
	defer cancel()
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writing + answering))
	f, err := h.put(ctx, h.upload.nameIn(r), at, data)
	switch {
	case err != nil:
		fail(w, r, err)
	case body.Fault != nil: // kept; but who sent it has to know that it was not all
		progress(w, f)
		problem.Write(w, r, body.Fault.With("offset", strconv.FormatInt(f.GetOffset(), 10)))
	default:
		progress(w, f)
		write(w, r, f)
	}
}

// write answers with a file's description as the REST routes do.
func write(w http.ResponseWriter, r *http.Request, f file) {
	text, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(f)
	if err != nil {
		problem.Write(w, r, fault.From(err))
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text)
}
