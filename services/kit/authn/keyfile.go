package authn

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock"
)

// ReadPrivateKey reads the Ed25519 key by which a service signs for itself: one PEM block in PKCS #8. A file that others can read is
// refused: a secret that has been lying open is no secret. Its group may read one of root's, which is how systemd hands a credential and Kubernetes
// a Secret to a process that is not root's.
func ReadPrivateKey(path string) (ed25519.PrivateKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("service key: %w", err)
	}
	forbidden := fs.FileMode(0o077)
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid == 0 {
		forbidden = 0o037
	}
	if mode := info.Mode().Perm(); mode&forbidden != 0 {
		return nil, fmt.Errorf("service key: %s can be read by others (%#o): take their rights away, and think about replacing it", path, mode)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("service key: %w", err)
	}
	block, rest := pem.Decode(content)
	if block == nil || block.Type != "PRIVATE KEY" || len(strings.TrimSpace(string(rest))) > 0 {
		return nil, fmt.Errorf("service key: %s is not one PEM private key", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("service key: %s: %w", path, err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("service key: %s is not an Ed25519 key", path)
	}
	return key, nil
}

// WriteKeyPair makes a key for a service: the private half at path, the public half as the service's file in a folder of peers.
func WriteKeyPair(path, peers, service string) error {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return fmt.Errorf("service key: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return fmt.Errorf("service key: %w", err)
	}
	open, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return fmt.Errorf("service key: %w", err)
	}
	return errors.Join(
		os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600),
		os.WriteFile(filepath.Join(peers, service+keyExtension), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: open}), 0o600))
}

const (
	keyExtension = ".pem"
	keyLook      = time.Second // between two looks at a file
)

// PeerKeys are the keys of a folder that holds a file SERVICE.pem for each service that may call, with one or more public keys in it:
// while a key is replaced there are two. The files are looked at again while they are used; a service that gets its first file later is
// known after a restart.
func PeerKeys(folder string, wall clock.Clock) (map[string]Keys, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("peers' keys: %w", err)
	}
	peers := map[string]Keys{}
	for _, e := range entries {
		service, ok := strings.CutSuffix(e.Name(), keyExtension)
		if !ok || service == "" {
			continue
		}
		keys := &fileKeys{path: filepath.Join(folder, e.Name()), clock: wall, set: NewKeySet()}
		if err := keys.look(); err != nil {
			return nil, err
		}
		peers[service] = keys
	}
	return peers, nil
}

// fileKeys is a key set in a file.
type fileKeys struct {
	path  string
	clock clock.Clock
	set   *KeySet

	mu       sync.Mutex
	looked   time.Time
	modified time.Time
	size     int64
}

// Key implements Keys. A file that cannot be read is no reason to forget what it said, unless it is gone: then its service is, too.
func (k *fileKeys) Key(ctx context.Context, id string) (ed25519.PublicKey, bool, error) {
	if err := k.look(); err != nil {
		if key, ok, _ := k.set.Key(ctx, id); ok {
			return key, true, nil
		}
		return nil, false, err
	}
	return k.set.Key(ctx, id)
}

// look reads the file if it changed since it was looked at last.
func (k *fileKeys) look() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.clock.Now()
	if since := now.Sub(k.looked); !k.looked.IsZero() && since >= 0 && since < keyLook {
		return nil
	}
	info, err := os.Stat(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		k.set.Replace()
		k.looked, k.modified, k.size = now, time.Time{}, 0
		return nil
	}
	if err != nil {
		return fmt.Errorf("peers' keys: %w", err)
	}
	if !info.ModTime().Equal(k.modified) || info.Size() != k.size {
		keys, err := readPublicKeys(k.path)
		if err != nil {
			return err
		}
		k.set.Replace(keys...)
	}
	k.looked, k.modified, k.size = now, info.ModTime(), info.Size()
	return nil
}

func readPublicKeys(path string) (keys []ed25519.PublicKey, err error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("peers' keys: %w", err)
	}
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("peers' keys: %s: %w", path, err)
		}
		key, ok := parsed.(ed25519.PublicKey)
		if !ok {
			return nil, fmt.Errorf("peers' keys: %s holds a key that is not an Ed25519 key", path)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("peers' keys: no public key in %s", path)
	}
	return keys, nil
}
