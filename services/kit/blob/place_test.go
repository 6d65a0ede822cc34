package blob_test

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/blob"
)

func TestAPlaceIsAFolderOrABucket(t *testing.T) {
	if _, err := (&blob.Place{}).Config("hotline"); err == nil {
		t.Error("no place is taken")
	}
	if c, err := (&blob.Place{Blobs: "/files"}).Config("hotline"); err != nil || c.Folder != "/files" {
		t.Errorf("a folder: %+v, %v", c, err)
	}
	if c, err := (&blob.Place{S3: blob.S3Config{Endpoint: "s3:9000", Prefix: "city/"}}).Config("hotline"); err != nil || c.S3.Prefix != "city/hotline/" {
		t.Errorf("a bucket: %+v, %v", c, err)
	}
}
