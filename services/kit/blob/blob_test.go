package blob_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/blob/blobtest"
	"github.com/throughtrain/throughtrain/services/kit/config"
)

func open(t *testing.T, c blob.Config) blob.Store {
	t.Helper()
	s, err := blob.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func inBucket(endpoint, secret string) blob.Config {
	return blob.Config{S3: blob.S3Config{Endpoint: endpoint, Bucket: "files", Prefix: "hotline/", Plain: true,
		AccessKey: config.NewSecret(accessKey), SecretKey: config.NewSecret(secret)}}
}

func TestConformance(t *testing.T) {
	t.Run("folder", func(t *testing.T) { blobtest.Run(t, open(t, blob.Config{Folder: filepath.Join(t.TempDir(), "new")})) })
	t.Run("memory", func(t *testing.T) { blobtest.Run(t, open(t, blob.Config{Memory: true})) })
	t.Run("bucket", func(t *testing.T) {
		b, endpoint := serveBucket(t)
		blobtest.Run(t, open(t, inBucket(endpoint, secretKey)))
		b.mu.Lock()
		defer b.mu.Unlock()
		for key := range b.objects {
			if !strings.HasPrefix(key, "hotline/") {
				t.Errorf("%s is outside the prefix", key)
			}
		}
	})
}

func TestABucketWithAnotherKey(t *testing.T) {
	_, endpoint := serveBucket(t)
	s := open(t, inBucket(endpoint, "another"))
	id := blob.NewID()
	if err := s.Write(t.Context(), id, 0, []byte("x")); err == nil {
		t.Error("a wrong signature was taken")
	}
	if _, err := s.Size(t.Context(), id); err == nil || errors.Is(err, blob.ErrNotFound) {
		t.Errorf("what may not be asked is said to be absent: %v", err)
	}
}

func TestAFolderSurvivesItsStore(t *testing.T) {
	root := t.TempDir()
	first, id := open(t, blob.Config{Folder: root}), blob.NewID()
	if err := first.Write(t.Context(), id, 0, []byte("half")); err != nil {
		t.Fatal(err)
	}
	second := open(t, blob.Config{Folder: root})
	if err := second.Write(t.Context(), id, 4, []byte(" and half")); err != nil {
		t.Fatal(err)
	}
	if err := second.Seal(t.Context(), id, 13); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, string(id[:2]), string(id)))
	if err != nil || string(text) != "half and half" {
		t.Errorf("%q, %v", text, err)
	}
	info, err := os.Stat(filepath.Join(root, string(id[:2]), string(id)))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestConfig(t *testing.T) {
	s3 := inBucket("localhost:9000", "secret")
	both := s3
	both.Folder = "files"
	noKey := s3
	noKey.S3.SecretKey = config.Secret{}
	for name, c := range map[string]blob.Config{"nothing": {}, "both": both, "no key": noKey} {
		if c.Validate() == nil {
			t.Errorf("%s passes", name)
		}
	}
	if err := s3.Validate(); err != nil {
		t.Error(err)
	}
}
