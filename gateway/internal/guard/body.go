package guard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// maxDepth is deeper than any request of ours nests and shallow enough for every parser.
const maxDepth = 32

var (
	errTooLarge = fault.New(fault.Invalid, "BODY_TOO_LARGE",
		"内容过大（最多 1 MB）。请精简文字；图片和文件请在提交后单独上传。",
		"The body is too large (1 MB at most). Shorten the text; photos and files are uploaded after filing.").With("maxBytes", strconv.Itoa(MaxBody))
	errTooSlow = fault.New(fault.Deadline, "BODY_TOO_SLOW",
		"内容在 15 秒内未传完。请在网络好转后用同一请求编号重试。",
		"The body did not arrive within 15 seconds. Try again with the same request id when the network is better.")
	errBroken = fault.New(fault.Invalid, "BODY_INCOMPLETE",
		"内容未传完整，请重试。", "The body did not arrive whole. Send it again.")
	errType = fault.New(fault.Invalid, "CONTENT_TYPE_UNSUPPORTED",
		"只接受 JSON 内容（Content-Type: application/json）。", "Only JSON is accepted (Content-Type: application/json).")
	errEncoding = fault.New(fault.Invalid, "CONTENT_ENCODING_UNSUPPORTED",
		"不接受压缩的请求内容，请直接发送。", "Compressed request bodies are not accepted. Send it as it is.")
	errUTF8 = fault.New(fault.Invalid, "BODY_NOT_UTF8",
		"内容不是有效的 UTF-8 文本，请检查编码。", "The body is not valid UTF-8. Check its encoding.")
	errQuery = fault.New(fault.Invalid, "UNKNOWN_PARAMETER",
		"该操作不接受网址参数，请把内容放在请求体中。", "This call takes no query parameters. Put them into the body.")
)

// Body is a request's body after it was read and found sound. What finds a fault in its content later leaves it here, because
// the generated handlers in between only pass texts on.
type Body struct {
	*bytes.Reader
	Fault *fault.Error
	Piece bool // bytes of a file, perhaps not all that were to come: then Fault says why
}

// Close has nothing to free.
func (*Body) Close() error { return nil }

// readBody takes the whole body before anything is decided: an event's time is read when it is decided, so whoever sends
// slowly only delays themselves. Whatever else is wrong with the request, its body is read first or its connection closed:
// the server would wait for the rest of it without an end.
func readBody(w http.ResponseWriter, r *http.Request, patience time.Duration) (*http.Request, *fault.Error) {
	if isPiece(r) {
		return readPiece(w, r, pieceShare*patience), nil
	}
	content, refused := slurp(w, r, patience)
	if refused != nil {
		return r, refused
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions {
		r.Body = &Body{Reader: bytes.NewReader(nil)} // whatever came with it means nothing
		return r, nil
	}
	if r.URL.RawQuery != "" {
		return r, errQuery.With("parameter", firstParameter(r))
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return r, errEncoding
	}
	if len(bytes.TrimSpace(content)) == 0 {
		content = []byte("{}") // a verb without anything to say
	} else if refused = sound(r, content); refused != nil {
		return r, refused
	}
	r.Body = &Body{Reader: bytes.NewReader(content)}
	r.ContentLength = int64(len(content))
	return r, nil
}

func firstParameter(r *http.Request) string {
	name, _, _ := strings.Cut(r.URL.RawQuery, "=")
	if len(name) > 64 || !utf8.ValidString(name) {
		return ""
	}
	return name
}

// slurp reads a body to its end. When it cannot, the connection ends with the answer, and the deadline stays with it: the server
// still reads a little of what a client goes on sending, so that the answer reaches them.
func slurp(w http.ResponseWriter, r *http.Request, patience time.Duration) ([]byte, *fault.Error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	control := http.NewResponseController(w)
	deadlined := control.SetReadDeadline(time.Now().Add(patience)) == nil
	if r.ContentLength > MaxBody {
		w.Header().Set("Connection", "close")
		return nil, errTooLarge
	}
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err == nil {
		if deadlined {
			_ = control.SetReadDeadline(time.Time{})
		}
		return content, nil
	}
	w.Header().Set("Connection", "close")
	return content, brokenOff(err)
}

// brokenOff is why a body did not arrive whole.
func brokenOff(err error) *fault.Error {
	var tooLarge *http.MaxBytesError
	var timeout net.Error
	switch {
	case errors.As(err, &tooLarge):
		return errTooLarge
	case errors.As(err, &timeout) && timeout.Timeout():
		return errTooSlow.Wrap(err)
	default:
		return errBroken.Wrap(err)
	}
}

// sound refuses what is not one JSON object that every parser reads alike.
func sound(r *http.Request, content []byte) *fault.Error {
	// Without a type it is taken for JSON; curl -d says "form" although it sends JSON, which is too common to punish.
	if t := r.Header.Get("Content-Type"); t != "" {
		media, parameters, err := mime.ParseMediaType(t)
		charset := strings.ToLower(parameters["charset"])
		if err != nil || (media != "application/json" && media != "application/x-www-form-urlencoded") || (charset != "" && charset != "utf-8") {
			return errType
		}
		if media == "application/x-www-form-urlencoded" && bytes.TrimSpace(content)[0] != '{' {
			return errType
		}
	}
	if !utf8.Valid(content) {
		return errUTF8
	}
	if err := walk(content); err != nil {
		return fault.New(fault.Invalid, "JSON_INVALID",
			"请求内容不是规范的 JSON："+err.zh, "The body is not sound JSON: "+err.en).With("problem", err.en)
	}
	return nil
}

type unsound struct{ zh, en string }

// walk reads the document token by token for what encoding/json and protojson let pass or answer unclearly: more than one value,
// a value that is not an object, nesting without end, the same key twice.
func walk(content []byte) *unsound {
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	var open []map[string]bool // keys seen in each open object; nil for an array
	key := false               // the next string is a key
	for first := true; ; first = false {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return &unsound{"语法错误。", fmt.Sprintf("syntax error near byte %d.", d.InputOffset())}
		}
		if first && token != json.Delim('{') {
			return &unsound{"最外层必须是对象 {…}。", "the outermost value must be an object {…}."}
		}
		if !first && len(open) == 0 {
			return &unsound{"末尾有多余内容。", "there is something after its end."}
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				if len(open) == maxDepth {
					return &unsound{"嵌套过深。", "it nests too deeply."}
				}
				var keys map[string]bool
				if v == '{' {
					keys = make(map[string]bool, 8)
				}
				open = append(open, keys)
			} else {
				open = open[:len(open)-1]
			}
			key = len(open) > 0 && open[len(open)-1] != nil
			continue
		case string:
			if key {
				keys := open[len(open)-1]
				if keys[v] {
					return &unsound{"同一字段出现两次。", "a field appears twice."}
				}
				keys[v], key = true, false
				continue
			}
		}
		key = len(open) > 0 && open[len(open)-1] != nil
	}
	if len(open) > 0 {
		return &unsound{"内容不完整。", "it is incomplete."}
	}
	return nil
}
