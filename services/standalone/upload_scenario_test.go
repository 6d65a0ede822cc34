//go:build scenario

package standalone_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"
)

// TestKilledInAnUpload kills the process again and again while twelve photos are on their way. What was acknowledged of each is there after the
// kill, each goes on from where it was, and in the end every photo is what was sent.
func TestKilledInAnUpload(t *testing.T) {
	s := &storm{t: t, data: t.TempDir(), epoch: time.Now()}
	s.rise()
	filer := s.signIn("entrepreneur")
	ticket := "/v1/" + s.file(filer, "with-photos")
	const photos, size = 12, 32 << 10
	uploads := make([]*resuming, photos)
	for i := range uploads {
		content := photo(t, 900)
		sum := sha256.Sum256(content)
		announced, status, err := s.send(filer, http.MethodPost, ticket+"/attachments", fields{"fileName": "p.jpg", "kind": "PHOTO", "size": len(content),
			"sha256": hex.EncodeToString(sum[:]), "requestId": "photo " + strconv.Itoa(i)})
		if err != nil || status != http.StatusOK {
			t.Fatalf("announce: %d %v %v", status, announced, err)
		}
		uploads[i] = &resuming{path: "/v1/" + announced.text("name"), content: content}
	}
	downs := 0
	for {
		left, acknowledged := 0, newProgress()
		var clients sync.WaitGroup
		for _, u := range uploads {
			if !u.ready {
				left++
				clients.Go(func() { u.send(s, filer, size, acknowledged) })
			}
		}
		if left == 0 {
			break
		}
		acknowledged.await(t, min(left, 1+rand.IntN(2*photos))) // each that is left has a piece to be acknowledged at least
		s.fall()
		downs++
		clients.Wait()
		s.rise()
		filer = s.signIn("entrepreneur")
	}
	t.Logf("%d photos over %d kills", photos, downs)
	for _, u := range uploads {
		if status, got := u.read(s, filer); status != http.StatusOK || !bytes.Equal(got, u.content) {
			t.Errorf("%s: %d, %d bytes of %d", u.path, status, len(got), len(u.content))
		}
	}
	s.fall()
	if broken := verify(t, s.data); broken > 0 {
		t.Errorf("%d histories do not verify", broken)
	}
}

// resuming is a file that a phone goes on sending until it is there.
type resuming struct {
	path         string
	content      []byte
	acknowledged int
	ready        bool
}

// send goes on from where the process says, until the process is gone or the file there.
func (u *resuming) send(s *storm, token string, size int, progress progress) {
	status, head, _, err := u.call(s, token, http.MethodHead, u.path, nil, -1)
	if err != nil || status != http.StatusOK {
		return
	}
	at, err := strconv.Atoi(head.Get("Upload-Offset"))
	if err != nil || at < u.acknowledged {
		s.t.Errorf("%s: %d bytes were acknowledged, and %s are there", u.path, u.acknowledged, head.Get("Upload-Offset"))
		return
	}
	for {
		piece := u.content[at:min(at+size, len(u.content))]
		status, _, body, err := u.call(s, token, http.MethodPatch, u.path, piece, at)
		if err != nil || status != http.StatusOK {
			if err == nil && status < http.StatusInternalServerError {
				s.t.Errorf("%s: %d %s", u.path, status, body)
			}
			return
		}
		at += len(piece)
		u.acknowledged = at
		progress.note()
		var now document
		if err := json.Unmarshal(body, &now); err != nil {
			return
		}
		if u.ready = now.text("state") == "READY"; u.ready {
			return
		}
	}
}

func (u *resuming) read(s *storm, token string) (int, []byte) {
	status, _, body, err := u.call(s, token, http.MethodGet, u.path+"/content", nil, -1)
	if err != nil {
		s.t.Fatal(err)
	}
	return status, body
}

// call is a request to a process that may be killed meanwhile.
func (u *resuming) call(s *storm, token, method, path string, body []byte, at int) (int, http.Header, []byte, error) {
	request, err := http.NewRequestWithContext(context.WithoutCancel(s.t.Context()), method, s.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if at >= 0 {
		request.Header.Set("Content-Type", pieceType)
		request.Header.Set("Upload-Offset", strconv.Itoa(at))
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	all, err := io.ReadAll(response.Body)
	return response.StatusCode, response.Header, all, err
}
