package guard

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// PieceType is the media type of a piece of a file.
const PieceType = "application/offset+octet-stream"

// PieceDeadline is how long a piece may take to arrive: so many times what a JSON body may. What has arrived by then is kept and the sender
// goes on from there, so on a bad network nothing is lost but the rest of a piece, and nobody holds a seat for longer.
const (
	PieceDeadline = pieceShare * BodyDeadline
	pieceShare    = 4
)

var errPieceSlow = fault.New(fault.Deadline, "BODY_TOO_SLOW",
	"这一段在 60 秒内未传完，已收到的部分已保存，请从已收到的位置继续。",
	"The piece did not arrive within 60 seconds. What did is kept; go on from there.")

func isPiece(r *http.Request) bool {
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return r.Method == http.MethodPatch && strings.EqualFold(strings.TrimSpace(media), PieceType)
}

// readPiece takes as much of a piece of a file as comes. Unlike a JSON body it means something in part.
func readPiece(w http.ResponseWriter, r *http.Request, patience time.Duration) *http.Request {
	body := &Body{Piece: true}
	control := http.NewResponseController(w)
	now := time.Now()
	deadlined := control.SetReadDeadline(now.Add(patience)) == nil
	_ = control.SetWriteDeadline(now.Add(patience + BodyDeadline)) // the server's own would end before
	switch e := r.Header.Get("Content-Encoding"); {
	case e != "" && !strings.EqualFold(e, "identity"):
		body.Fault = errEncoding
	case r.ContentLength > MaxBody:
		body.Fault = errTooLarge
	default:
		body.Fault = body.fill(w, r)
	}
	switch {
	case body.Fault != nil:
		w.Header().Set("Connection", "close")
	case deadlined:
		_ = control.SetReadDeadline(time.Time{})
	}
	if body.Reader == nil {
		body.Reader = bytes.NewReader(nil)
	}
	r.Body, r.ContentLength = body, int64(body.Len())
	return r
}

func (b *Body) fill(w http.ResponseWriter, r *http.Request) *fault.Error {
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	b.Reader = bytes.NewReader(content)
	if err == nil {
		return nil
	}
	refused := brokenOff(err)
	switch {
	case errors.Is(refused, errTooSlow):
		return errPieceSlow.Wrap(err)
	case errors.Is(refused, errTooLarge):
		b.Reader = bytes.NewReader(nil) // whoever sends too much has not understood; half of it would not help them
	}
	return refused
}
