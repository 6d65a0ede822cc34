package blob_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	accessKey = "test-access-key"
	secretKey = "test-secret-key"
	region    = "us-east-1"
)

// object is what a bucket holds under a key.
type object struct {
	content  []byte
	modified time.Time
}

// bucket is as much of S3 as the engine uses: objects put whole, read in ranges, listed by prefix a few at a time, deleted. It refuses a request
// whose signature (version 4) does not match.
type bucket struct {
	t       *testing.T
	mu      sync.Mutex
	objects map[string]object
}

func serveBucket(t *testing.T) (*bucket, string) {
	b := &bucket{t: t, objects: map[string]object{}}
	s := httptest.NewServer(b)
	t.Cleanup(s.Close)
	return b, strings.TrimPrefix(s.URL, "http://")
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !signed(r) {
		refuse(w, http.StatusForbidden, "SignatureDoesNotMatch")
		return
	}
	body, err := readBody(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, "IncompleteBody")
		return
	}
	name, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if name != "files" {
		refuse(w, http.StatusNotFound, "NoSuchBucket")
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case r.Method == http.MethodGet && key == "":
		b.list(w, r.URL.Query())
	case r.Method == http.MethodPut:
		b.objects[key] = object{body, time.Now().UTC()}
		w.Header().Set("ETag", tag(body))
	case r.Method == http.MethodDelete:
		delete(b.objects, key)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		o, there := b.objects[key]
		if !there {
			refuse(w, http.StatusNotFound, "NoSuchKey")
			return
		}
		w.Header().Set("ETag", tag(o.content))
		http.ServeContent(w, r, "", o.modified, strings.NewReader(string(o.content)))
	default:
		refuse(w, http.StatusNotImplemented, "NotImplemented")
	}
}

func tag(content []byte) string {
	sum := sha256.Sum256(content)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
}

// page is how many keys one listing shows: few, so that the engine has to go on.
const page = 2

func (b *bucket) list(w http.ResponseWriter, query url.Values) {
	type entry struct {
		Key, LastModified, ETag string
		Size                    int
	}
	out := struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		IsTruncated           bool
		NextContinuationToken string
		Contents              []entry
	}{}
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		if !strings.HasPrefix(key, query.Get("prefix")) || key <= query.Get("continuation-token") {
			continue
		}
		if len(out.Contents) == page {
			out.IsTruncated, out.NextContinuationToken = true, out.Contents[page-1].Key
			break
		}
		o := b.objects[key]
		out.Contents = append(out.Contents, entry{key, o.modified.Format(time.RFC3339Nano), tag(o.content), len(o.content)})
	}
	if err := xml.NewEncoder(w).Encode(out); err != nil {
		b.t.Error(err)
	}
}

// readBody takes a body out of the chunks in which it is signed.
func readBody(r *http.Request) ([]byte, error) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return io.ReadAll(r.Body)
	}
	in := bufio.NewReader(r.Body)
	var out []byte
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		length, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(length, 16, 32)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			break
		}
		chunk := make([]byte, n+2)
		if _, err := io.ReadFull(in, chunk); err != nil {
			return nil, err
		}
		out = append(out, chunk[:n]...)
	}
	if want := r.Header.Get("X-Amz-Decoded-Content-Length"); want != strconv.Itoa(len(out)) {
		return nil, errors.New("another length than was said")
	}
	return out, nil
}

// signed checks the request's own signature as Amazon describes it.
func signed(r *http.Request) bool {
	fields := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	day, _, _ := strings.Cut(r.Header.Get("X-Amz-Date"), "T")
	scope := day + "/" + region + "/s3/aws4_request"
	if fields["Credential"] != accessKey+"/"+scope {
		return false
	}
	var headers strings.Builder
	for name := range strings.SplitSeq(fields["SignedHeaders"], ";") {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	query := strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20")
	request := strings.Join([]string{r.Method, r.URL.EscapedPath(), query, headers.String(), fields["SignedHeaders"], r.Header.Get("X-Amz-Content-Sha256")}, "\n")
	sum := sha256.Sum256([]byte(request))
	text := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), scope, hex.EncodeToString(sum[:])}, "\n")
	key := []byte("AWS4" + secretKey)
	for _, part := range []string{day, region, "s3", "aws4_request", text} {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	return hex.EncodeToString(key) == fields["Signature"]
}
