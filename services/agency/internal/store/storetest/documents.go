package storetest

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/kit/upload"
	"github.com/throughtrain/throughtrain/services/kit/upload/uploadtest"
)

func (f *fixture) documents(t *testing.T) {
	uploadtest.Rows(t, f.store.Store, f.store.Files, upload.Owner(f.opened(t, nil).Key), casefile.PurposeMaterial, "survey", "2027-03-01")
}
