package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestABackupWantsTheFoldersThatItIsTold: without it a wrong path would make a backup that lacks the keys, and say that all is well.
func TestABackupWantsTheFoldersThatItIsTold(t *testing.T) {
	folder := t.TempDir()
	file, gone := filepath.Join(folder, "file"), filepath.Join(folder, "gone")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, p := range map[string]places{
		"":                {Keys: folder, Blobs: map[string]string{"hotline": folder}},
		"--keys":          {Keys: gone},
		"--blobs hotline": {Keys: folder, Blobs: map[string]string{"hotline": gone}},
		"--blobs agency":  {Keys: folder, Blobs: map[string]string{"agency": file}},
	} {
		err := p.there()
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want+": ") {
			t.Errorf("%q: %v", want, err)
		}
	}
}
