package standalone_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	pieceType = "application/offset+octet-stream"
	planted   = "35.7612N 115.0291E 张三的手机"
)

// photo is a picture as a phone takes it: with its position and its owner's name, and noise so that it has some size.
func photo(t *testing.T, side int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			m.Set(x, y, color.RGBA{uint8(rand.Uint32()), uint8(x), uint8(y), 255})
		}
	}
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, m, nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00" + planted
	b := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(exif)+2))
	return append(append(b, exif...), plain.Bytes()[2:]...)
}

// sent is the answer to a request over which bytes move.
type sent struct {
	status int
	header http.Header
	body   []byte
}

func (s sent) document(t *testing.T) document {
	t.Helper()
	out := document{}
	if err := json.Unmarshal(s.body, &out); err != nil {
		t.Fatalf("%d, no JSON: %v", s.status, err)
	}
	return out
}

// bytes sends bytes, or asks for some.
func (b *booted) bytes(token, method, path string, body []byte, header ...string) sent {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	all, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return sent{response.StatusCode, response.Header, all}
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}

// announce announces a file and returns its path.
func (b *booted) announce(token, ticket, name, kind string, content []byte) string {
	b.t.Helper()
	a := b.want(token, http.MethodPost, ticket+"/attachments", fields{"fileName": name, "kind": kind, "size": len(content), "sha256": sum(content)})
	return "/v1/" + a.text("name")
}

func (b *booted) piece(token, path string, at int, piece []byte) sent {
	b.t.Helper()
	return b.bytes(token, http.MethodPatch, path, piece, "Content-Type", pieceType, "Upload-Offset", strconv.Itoa(at))
}

// arrived asks where to go on.
func (b *booted) arrived(token, path string) int {
	b.t.Helper()
	head := b.bytes(token, http.MethodHead, path, nil)
	at, err := strconv.Atoi(head.header.Get("Upload-Offset"))
	if head.status != http.StatusOK || err != nil {
		b.t.Fatalf("HEAD: %d, %v", head.status, err)
	}
	return at
}

// upload sends a file from where it is, in pieces, and returns the last answer.
func (b *booted) upload(token, path string, content []byte, size int) (last sent) {
	b.t.Helper()
	for at := b.arrived(token, path); at < len(content); at += size {
		if last = b.piece(token, path, at, content[at:min(at+size, len(content))]); last.status != http.StatusOK {
			return last
		}
	}
	return last
}

// filed files a ticket and returns its path, and the tokens of who filed it and of who holds it.
func (b *booted) filed() (ticket, filer, holder string) {
	b.t.Helper()
	filer = b.byCode("13800138000").text("accessToken")
	ticket = "/v1/" + b.want(filer, http.MethodPost, city+"/tickets",
		fields{"title": "车间停电", "body": "主线路故障，已停电两天，订单交不出去。", "category": "0302"}).text("name")
	b.idle()
	held := b.want(filer, http.MethodGet, ticket, nil)
	return ticket, filer, b.holder(held.text("holder"), "luozhenhua", "liangzhiqiang").text("accessToken")
}

// breakOff sends the beginning of a piece and hangs up.
func (b *booted) breakOff(token, path string, at int, piece []byte, sends int) {
	b.t.Helper()
	connection, err := (&net.Dialer{}).DialContext(b.t.Context(), "tcp", strings.TrimPrefix(b.base, "http://"))
	if err != nil {
		b.t.Fatal(err)
	}
	_, err = fmt.Fprintf(connection, "PATCH %s HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nUpload-Offset: %d\r\nContent-Length: %d\r\n\r\n",
		path, token, pieceType, at, len(piece))
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := connection.Write(piece[:sends]); err != nil {
		b.t.Fatal(err)
	}
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil { // as far as the server sees, the network is gone
		b.t.Fatal(err)
	}
	if said, err := http.ReadResponse(bufio.NewReader(connection), nil); err == nil { // whatever it says, it says when it is done
		_ = said.Body.Close()
	}
	_ = connection.Close()
}

func TestAPhotoOverABadNetwork(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	b := boot(t, data)
	ticket, filer, holder := b.filed()
	content := photo(t, 1600)
	path := b.announce(filer, ticket, "车间.jpg", "PHOTO", content)
	const size = 256 << 10
	if len(content) < 3*size {
		t.Fatalf("the photo has only %d bytes", len(content))
	}
	b.piece(filer, path, 0, content[:size])
	b.breakOff(filer, path, size, content[size:2*size], 100_000)
	if at := b.arrived(filer, path); at != size+100_000 {
		t.Errorf("%d bytes arrived, of which 100000 before the network broke", at)
	}

	b.shut()
	b = boot(t, data)
	at := b.arrived(filer, path)
	if early := b.piece(filer, path, at+1, content[at+1:]); early.status != http.StatusConflict || early.header.Get("Upload-Offset") != strconv.Itoa(at) ||
		early.document(t).reason() != "UPLOAD_OFFSET_MISMATCH" {
		t.Errorf("a gap: %d, offset %s", early.status, early.header.Get("Upload-Offset"))
	}
	if unready := b.bytes(filer, http.MethodGet, path+"/content", nil); unready.document(t).reason() != "ATTACHMENT_NOT_READY" {
		t.Errorf("half a file: %d", unready.status)
	}
	b.piece(filer, path, 0, content[:size]) // again
	last := b.upload(filer, path, content, size)
	if done := last.document(t); done.text("state") != "READY" || done.text("mediaType") != "image/jpeg" {
		t.Fatalf("%d %s", last.status, last.body)
	}
	if again := b.piece(filer, path, len(content)-10, content[len(content)-10:]); again.status != http.StatusOK {
		t.Errorf("the last piece again: %d %s", again.status, again.body)
	}
	b.downloads(path, filer, holder, content)
	b.strangers(ticket, path)
	b.idle()
	b.shut()
	if broken := verify(t, data); broken > 0 {
		t.Errorf("%d histories do not verify", broken)
	}
	b.quiet()
}

// downloads holds what its sender and what others get of a photo to what they should.
func (b *booted) downloads(path, filer, holder string, content []byte) {
	b.t.Helper()
	own := b.bytes(filer, http.MethodGet, path+"/content", nil)
	if !bytes.Equal(own.body, content) {
		b.t.Error("the sender does not get back what was sent")
	}
	others := b.bytes(holder, http.MethodGet, path+"/content", nil)
	if others.status != http.StatusOK || bytes.Contains(others.body, []byte(planted)) || !bytes.Contains(content, []byte(planted)) {
		b.t.Errorf("the holder: %d", others.status)
	}
	if _, err := jpeg.Decode(bytes.NewReader(others.body)); err != nil {
		b.t.Errorf("the rendition: %v", err)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Content-Type": "image/jpeg", "Accept-Ranges": "bytes",
		"Content-Disposition": "attachment; filename=__.jpg; filename*=UTF-8''%E8%BD%A6%E9%97%B4.jpg"} {
		if got := others.header.Get(name); got != want {
			b.t.Errorf("%s is %q", name, got)
		}
	}
	if !strings.HasPrefix(others.header.Get("Content-Security-Policy"), "sandbox") {
		b.t.Errorf("policy %q", others.header.Get("Content-Security-Policy"))
	}
	tag := others.header.Get("Etag")
	if tag != `"`+sum(others.body)+`"` || own.header.Get("Etag") == tag {
		b.t.Errorf("tags %s and %s", tag, own.header.Get("Etag"))
	}
	part := b.bytes(holder, http.MethodGet, path+"/content", nil, "Range", "bytes=70000-70099", "If-Range", tag)
	if part.status != http.StatusPartialContent || !bytes.Equal(part.body, others.body[70000:70100]) {
		b.t.Errorf("a range: %d, %d bytes", part.status, len(part.body))
	}
	if all := b.bytes(holder, http.MethodGet, path+"/content", nil, "Range", "bytes=70000-70099", "If-Range", `"another"`); !bytes.Equal(all.body, others.body) {
		b.t.Errorf("a range of another file: %d, %d bytes", all.status, len(all.body))
	}
	if end := b.bytes(holder, http.MethodGet, path+"/content", nil, "Range", "bytes=-10"); !bytes.Equal(end.body, others.body[len(others.body)-10:]) {
		b.t.Errorf("the end: %d, %d bytes", end.status, len(end.body))
	}
	if known := b.bytes(holder, http.MethodGet, path+"/content", nil, "If-None-Match", tag); known.status != http.StatusNotModified {
		b.t.Errorf("known already: %d", known.status)
	}
	if beyond := b.bytes(holder, http.MethodGet, path+"/content", nil, "Range", "bytes=99999999-"); beyond.status != http.StatusRequestedRangeNotSatisfiable {
		b.t.Errorf("beyond the end: %d", beyond.status)
	}
}

// strangers meet the same as where there is nothing.
func (b *booted) strangers(ticket, path string) {
	b.t.Helper()
	stranger := b.byCode("13900139000").text("accessToken")
	for _, ask := range []func() sent{
		func() sent { return b.bytes(stranger, http.MethodHead, path, nil) },
		func() sent { return b.bytes(stranger, http.MethodGet, path, nil) },
		func() sent { return b.bytes(stranger, http.MethodGet, path+"/content", nil) },
		func() sent { return b.piece(stranger, path, 0, []byte("x")) },
		func() sent { return b.bytes(stranger, http.MethodGet, ticket+"/attachments", nil) },
		func() sent {
			return b.bytes(stranger, http.MethodPost, ticket+"/attachments", []byte(`{"fileName":"a","kind":"PHOTO","size":1,"sha256":"`+sum(nil)+`"}`),
				"Content-Type", "application/json")
		},
	} {
		if got := ask(); got.status != http.StatusNotFound || len(got.body) > 0 && got.document(b.t).reason() != "TICKET_NOT_FOUND" {
			b.t.Errorf("a stranger: %d %s", got.status, got.body)
		}
	}
}

func TestFilesThatAreNotTaken(t *testing.T) {
	b := boot(t, t.TempDir())
	ticket, filer, _ := b.filed()
	picture := photo(t, 20)
	page := []byte("<html><script>alert(document.domain)</script></html>")
	for _, c := range []struct {
		name, file, kind string
		content, sent    []byte
		reason           string
	}{
		{"a page", "photo.jpg", "PHOTO", page, page, "MEDIA_NOT_ALLOWED"},
		{"a page as a text", "note.txt", "DOCUMENT", page, page, "MEDIA_NOT_ALLOWED"},
		{"a program", "voice.mp3", "VOICE", append([]byte("MZ\x90\x00"), make([]byte, 300)...), nil, "MEDIA_NOT_ALLOWED"},
		{"a drawing with a program", "a.png", "PHOTO", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), nil, "MEDIA_NOT_ALLOWED"},
		{"a picture as a voice", "voice.m4a", "VOICE", picture, nil, "MEDIA_NOT_ALLOWED"},
		{"another file than announced", "a.jpg", "PHOTO", picture, append(bytes.Clone(picture[:len(picture)-1]), 0), "ATTACHMENT_HASH_MISMATCH"},
		{"a picture without a picture", "a.jpg", "PHOTO", picture[:60], nil, "MEDIA_DAMAGED"},
	} {
		if c.sent == nil {
			c.sent = c.content
		}
		path := b.announce(filer, ticket, c.file, c.kind, c.content)
		got := b.upload(filer, path, c.sent, 1<<20)
		if got.status != http.StatusBadRequest || got.document(t).reason() != c.reason {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
		if a := b.want(filer, http.MethodGet, path, nil); a.text("state") != "REFUSED" || a.text("reason") != c.reason || a.text("reasonText") == "" {
			t.Errorf("%s: %v", c.name, a)
		}
		if got := b.piece(filer, path, 0, c.sent); got.document(t).reason() != c.reason {
			t.Errorf("%s again: %s", c.name, got.body)
		}
	}
	status, out := b.call(filer, http.MethodPost, ticket+"/attachments", fields{"fileName": "a.jpg", "kind": "PHOTO", "size": 20<<20 + 1, "sha256": sum(nil)})
	if status != http.StatusBadRequest || out.reason() != "ATTACHMENT_TOO_LARGE" {
		t.Errorf("too large: %d %s", status, out.reason())
	}
	path := b.announce(filer, ticket, "a.jpg", "PHOTO", picture)
	if got := b.piece(filer, path, 0, append(bytes.Clone(picture), 0)); got.document(t).reason() != "UPLOAD_BEYOND_END" {
		t.Errorf("more than announced: %s", got.body)
	}
	if got := b.bytes(filer, http.MethodPatch, path, picture, "Content-Type", "image/jpeg", "Upload-Offset", "0"); got.status != http.StatusUnsupportedMediaType {
		t.Errorf("another type: %d %s", got.status, got.body)
	}
	if got := b.bytes(filer, http.MethodPatch, path, picture, "Content-Type", pieceType); got.document(t).reason() != "REQUEST_INVALID" {
		t.Errorf("no offset: %s", got.body)
	}
	if got := b.piece(filer, path, 0, make([]byte, 1<<20+1)); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("too large a piece: %d %s", got.status, got.body)
	}
	if open := b.want(filer, http.MethodGet, ticket, nil); open.text("state") == "" {
		t.Error("the ticket is not what it was")
	}
	b.quiet()
}

func TestTwelvePhotos(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	b := boot(t, data)
	ticket, filer, holder := b.filed()
	pictures, paths := make([][]byte, 12), make([]string, 12)
	for i := range pictures {
		pictures[i] = photo(t, 400)
		request := fields{"fileName": fmt.Sprintf("%d.jpg", i), "kind": "PHOTO", "size": len(pictures[i]), "sha256": sum(pictures[i]), "requestId": fmt.Sprintf("photo-%d", i)}
		first, again := b.want(filer, http.MethodPost, ticket+"/attachments", request), b.want(filer, http.MethodPost, ticket+"/attachments", request)
		if first.text("name") != again.text("name") {
			t.Errorf("announced twice: %s and %s", first.text("name"), again.text("name"))
		}
		paths[i] = "/v1/" + first.text("name")
	}
	began := time.Now()
	ended := make(chan sent, len(pictures))
	for i := range pictures { // all at once, as a phone does
		go func() { ended <- b.upload(filer, paths[i], pictures[i], 16<<10) }()
	}
	for range pictures {
		if last := <-ended; last.document(t).text("state") != "READY" {
			t.Errorf("%d %s", last.status, last.body)
		}
	}
	t.Logf("12 photos of %d KiB in pieces of 16 KiB: %s", len(pictures[0])>>10, time.Since(began))
	all, _ := b.want(holder, http.MethodGet, ticket+"/attachments", nil)["attachments"].([]any)
	if len(all) != 12 {
		t.Errorf("the holder sees %d", len(all))
	}
	types := b.history(filer, ticket)
	if n := len(slices.DeleteFunc(types, func(s string) bool { return s != "attachment_added" })); n != 12 {
		t.Errorf("%d in the history", n)
	}
	b.shut()
	if broken := verify(t, data); broken > 0 {
		t.Errorf("%d histories do not verify", broken)
	}
}

// history is the types of a ticket's events.
func (b *booted) history(token, ticket string) (types []string) {
	b.t.Helper()
	events, _ := b.want(token, http.MethodGet, ticket+"/events", nil)["events"].([]any)
	for _, e := range events {
		types = append(types, document(e.(map[string]any)).text("type"))
	}
	return types
}
