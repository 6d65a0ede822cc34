package authn_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
)

// TestKeysInFiles: what one service signs another verifies with the file of its public key; a file that is replaced takes the key before with
// it, one that is gone the whole service.
func TestKeysInFiles(t *testing.T) {
	folder := t.TempDir()
	peers := filepath.Join(folder, "peers")
	if err := os.Mkdir(peers, 0o700); err != nil {
		t.Fatal(err)
	}
	private := filepath.Join(folder, "hotline.key")
	wall := movable.New(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
	pair := func() *authn.ServiceIssuer {
		t.Helper()
		if err := authn.WriteKeyPair(private, peers, "hotline"); err != nil {
			t.Fatal(err)
		}
		key, err := authn.ReadPrivateKey(private)
		if err != nil {
			t.Fatal(err)
		}
		return authn.NewServiceIssuer("hotline", key, wall)
	}
	first := pair()
	keys, err := authn.PeerKeys(peers, wall)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := authn.NewVerifier(authn.VerifierConfig{Issuer: "i", Audience: "a", Keys: authn.NewKeySet(), Service: "agency", Peers: keys, Clock: wall})
	if err != nil {
		t.Fatal(err)
	}
	good := func(by *authn.ServiceIssuer) bool {
		t.Helper()
		token, err := by.Token("agency")
		if err != nil {
			t.Fatal(err)
		}
		caller, err := verifier.Verify(t.Context(), token)
		return err == nil && caller.Name == "hotline"
	}
	if !good(first) {
		t.Error("its own key is not known")
	}
	second := pair()
	if err := os.Chtimes(filepath.Join(peers, "hotline.pem"), wall.Now(), wall.Now()); err != nil { // whatever the file system's grain is
		t.Fatal(err)
	}
	wall.Advance(2 * time.Second)
	if !good(second) || good(first) {
		t.Error("a key that was replaced is still taken, or its successor is not")
	}
	if err := os.Remove(filepath.Join(peers, "hotline.pem")); err != nil {
		t.Fatal(err)
	}
	wall.Advance(2 * time.Second)
	if good(second) {
		t.Error("a service without a file is still known")
	}
	if err := os.Chmod(private, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := authn.ReadPrivateKey(private); err == nil {
		t.Error("a key that lies open is taken")
	}
	if err := os.WriteFile(filepath.Join(peers, "agency.pem"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := authn.PeerKeys(peers, wall); err == nil {
		t.Error("a file without a key is taken")
	}
}

// TestWhoMayReadAKey: its group may where it is root's, as credentials and Secrets are that a supervisor hands over, and otherwise nobody but its owner.
func TestWhoMayReadAKey(t *testing.T) {
	folder := t.TempDir()
	private := filepath.Join(folder, "hotline.key")
	if err := authn.WriteKeyPair(private, folder, "hotline"); err != nil {
		t.Fatal(err)
	}
	taken := func(mode os.FileMode) bool {
		t.Helper()
		if err := os.Chmod(private, mode); err != nil {
			t.Fatal(err)
		}
		_, err := authn.ReadPrivateKey(private)
		return err == nil
	}
	root := os.Getuid() == 0
	for mode, want := range map[os.FileMode]bool{0o400: true, 0o600: true, 0o440: root, 0o640: root, 0o460: false, 0o450: false, 0o444: false, 0o604: false} {
		if taken(mode) != want {
			t.Errorf("%#o: want %v", mode, want)
		}
	}
	if !root {
		return
	}
	if err := os.Chown(private, 65532, 65532); err != nil {
		t.Fatal(err)
	}
	if !taken(0o400) || taken(0o440) {
		t.Error("the group may read a key that is not root's, or its owner may not")
	}
}
