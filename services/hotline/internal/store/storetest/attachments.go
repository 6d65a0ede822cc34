package storetest

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/upload"
	"github.com/throughtrain/throughtrain/services/kit/upload/uploadtest"
)

func (f *fixture) attachments(t *testing.T) {
	uploadtest.Rows(t, f.store.Store, f.store.Files, upload.Owner(f.filed(t, nil).Key))
}
