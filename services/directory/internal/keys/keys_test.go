package keys_test

import (
	"bytes"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/throughtrain/throughtrain/services/directory/internal/keys"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

func open(t *testing.T, dir string) *keys.Ring {
	t.Helper()
	ring, err := keys.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestTheFolderIsMadeOnceForItsOwnerAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	first, second := open(t, dir), open(t, dir)
	if !first.Signing().Equal(second.Signing()) || !bytes.Equal(first.Mac(keys.Code, "x"), second.Mac(keys.Code, "x")) {
		t.Error("another start makes other keys")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Fatalf("%v, %v", entries, err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", entry.Name(), info.Mode(), err)
		}
	}
}

func TestManyStartAtOnceAndAgree(t *testing.T) {
	dir := t.TempDir()
	rings := make([]*keys.Ring, 8)
	var group sync.WaitGroup
	for i := range rings {
		group.Go(func() { rings[i], _ = keys.Open(dir) })
	}
	group.Wait()
	for i, ring := range rings {
		if ring == nil || !ring.Signing().Equal(rings[0].Signing()) || !bytes.Equal(ring.Mac(keys.Code), rings[0].Mac(keys.Code)) {
			t.Fatalf("start %d has other keys", i)
		}
	}
}

func TestMacs(t *testing.T) {
	ring := open(t, t.TempDir())
	seen := map[string]string{}
	for name, mac := range map[string][]byte{
		"a purpose": ring.Mac(keys.Code, "ab"), "another purpose": ring.Mac(keys.PhoneLookup, "ab"), "two parts": ring.Mac(keys.Code, "a", "b"),
		"another two parts": ring.Mac(keys.Code, "", "ab"), "no parts": ring.Mac(keys.Code),
	} {
		if other, twice := seen[string(mac)]; twice {
			t.Errorf("%s and %s are the same", name, other)
		}
		seen[string(mac)] = name
	}
}

func TestRotationKeepsOldTokensGood(t *testing.T) {
	dir := t.TempDir()
	before := open(t, dir)
	published := before.Public()
	if err := keys.Rotate(dir); err != nil {
		t.Fatal(err)
	}
	after := open(t, dir)
	if after.Signing().Equal(before.Signing()) {
		t.Fatal("nothing rotated")
	}
	old := authn.KeyID(before.Signing().Public().(ed25519.PublicKey))
	now := authn.KeyID(after.Signing().Public().(ed25519.PublicKey))
	if _, ok, _ := after.Public().Key(t.Context(), old); !ok {
		t.Error("tokens of the previous key are refused")
	}
	if _, ok, _ := published.Key(t.Context(), now); !ok {
		t.Error("the key that signs was not published before")
	}
	if published.Len() != 2 || after.Public().Len() != 3 {
		t.Errorf("%d keys published before, %d after", published.Len(), after.Public().Len())
	}
	if err := keys.Rotate(dir); err != nil {
		t.Fatal(err)
	}
	if got := open(t, dir).Public().Len(); got != 3 {
		t.Errorf("%d keys after two rotations", got)
	}
}

func TestBrokenFoldersAreRefused(t *testing.T) {
	for name, damage := range map[string]func(dir string) error{
		"readable by others": func(dir string) error { return os.Chmod(filepath.Join(dir, "master.key"), 0o644) },
		"short secret":       func(dir string) error { return os.WriteFile(filepath.Join(dir, "master.key"), []byte("short"), 0o600) },
		"no PEM": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "signing-current.pem"), []byte("x"), 0o600)
		},
		"another kind of PEM": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "signing-next.pem"), []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), 0o600)
		},
	} {
		dir := t.TempDir()
		open(t, dir)
		if err := damage(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Open(dir); err == nil || strings.Contains(err.Error(), dir) && name == "short secret" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := keys.Open("/proc/nowhere"); err == nil {
		t.Error("a folder that cannot be made")
	}
	if err := keys.Rotate(t.TempDir()); err == nil {
		t.Error("nothing to rotate")
	}
}
