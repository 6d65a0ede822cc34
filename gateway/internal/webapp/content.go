package webapp

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// reading is how long a part of an answer may take to leave: the app is loaded over bad networks too, and longer than the server gives an answer.
const reading = 30 * time.Second

// content is what is sent, under the tag by which a browser knows it again.
type content struct {
	data []byte
	tag  string
}

func newContent(data []byte) *content { return &content{data, `"` + digest(data) + `"`} }

func (c *content) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", c.tag)
	http.ServeContent(&unhurried{w, http.NewResponseController(w)}, r, "", time.Time{}, bytes.NewReader(c.data))
}

// serveEncoded sends all of it: parts of what is compressed are of no use.
func (c *content) serveEncoded(w http.ResponseWriter, r *http.Request, encoding string) {
	if r.Header.Get("Range") != "" {
		r = r.Clone(r.Context())
		r.Header.Del("Range")
	}
	w.Header().Set("Content-Encoding", encoding)
	w.Header().Set("Content-Length", strconv.Itoa(len(c.data)))
	c.serve(w, r)
}

// unhurried gives every part of an answer its time to leave.
type unhurried struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (u *unhurried) Write(p []byte) (int, error) {
	_ = u.control.SetWriteDeadline(time.Now().Add(reading))
	return u.ResponseWriter.Write(p)
}

// takes tells whether a header such as Accept names a value, and does not weigh it zero.
func takes(headers []string, value string) bool {
	for _, header := range headers {
		for choice := range strings.SplitSeq(header, ",") {
			name, parameters, _ := strings.Cut(choice, ";")
			if strings.EqualFold(strings.TrimSpace(name), value) {
				return weight(parameters) > 0
			}
		}
	}
	return false
}

func weight(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		if q, is := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameter)), "q="); is {
			if w, err := strconv.ParseFloat(q, 64); err == nil {
				return w
			}
		}
	}
	return 1
}
