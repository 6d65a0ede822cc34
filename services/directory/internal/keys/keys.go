// Package keys keeps the directory's secrets in one folder of the data: the Ed25519 keys that sign access tokens and the
// master secret behind every keyed hash. They are made at the first start, readable by their owner alone, and never leave the
// process but for the public halves. It depends on kit's authn for the form of a key set.
//
// Whoever loses the folder loses the way from a phone to its person: it belongs into the backup, apart from the database.
package keys

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// The files. The next key is published from the start, so that every verifier knows it long before it signs; the previous one
// is there between a rotation and the end of the last token that it signed.
const (
	currentFile  = "signing-current.pem"
	nextFile     = "signing-next.pem"
	previousFile = "signing-previous.pem"
	masterFile   = "master.key"
)

const (
	masterBytes = 32
	pemType     = "PRIVATE KEY"
)

// Ring is the opened folder. It is safe for concurrent use.
type Ring struct {
	current, next, previous ed25519.PrivateKey // previous may be nil
	macs                    map[Purpose][]byte
}

// Purpose keeps keyed hashes apart: a hash made for one purpose says nothing about the others.
type Purpose string

// The purposes there are.
const (
	PhoneLookup Purpose = "phone"   // which person has a phone
	Address     Purpose = "address" // counting what comes from one place without keeping the place
	Code        Purpose = "code"    // one-time codes
	Login       Purpose = "login"   // counting failures without keeping what was tried
	TokenMark   Purpose = "refresh-mark"
	TokenNext   Purpose = "refresh-next"
)

// Open reads the folder and makes what is missing. Files that others can read are refused: a secret that has been lying open
// is no secret.
func Open(dir string) (*Ring, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	master, err := readOrMake(filepath.Join(dir, masterFile), func() ([]byte, error) {
		secret := make([]byte, masterBytes)
		_, err := rand.Read(secret)
		return secret, err
	})
	if err != nil {
		return nil, err
	}
	if len(master) != masterBytes {
		return nil, fmt.Errorf("keys: %s has %d bytes, want %d", masterFile, len(master), masterBytes)
	}
	r := &Ring{}
	if r.macs, err = derive(master); err != nil {
		return nil, err
	}
	for _, file := range []struct {
		name string
		make bool
		key  *ed25519.PrivateKey
	}{{currentFile, true, &r.current}, {nextFile, true, &r.next}, {previousFile, false, &r.previous}} {
		if *file.key, err = signingKey(filepath.Join(dir, file.name), file.make); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Rotate makes the next key the current one and a new one the next. Processes take it up when they start again; tokens of the
// previous key stay good until they expire.
func Rotate(dir string) error {
	for _, move := range [][2]string{{currentFile, previousFile}, {nextFile, currentFile}} {
		if err := os.Rename(filepath.Join(dir, move[0]), filepath.Join(dir, move[1])); err != nil {
			return fmt.Errorf("keys: rotate: %w", err)
		}
	}
	_, err := signingKey(filepath.Join(dir, nextFile), true)
	return err
}

// Signing is the key that signs.
func (r *Ring) Signing() ed25519.PrivateKey { return r.current }

// Public is the set of keys that tokens may be signed with.
func (r *Ring) Public() *authn.KeySet {
	var public []ed25519.PublicKey
	for _, key := range []ed25519.PrivateKey{r.current, r.next, r.previous} {
		if key != nil {
			public = append(public, key.Public().(ed25519.PublicKey))
		}
	}
	return authn.NewKeySet(public...)
}

// Mac is a keyed hash over parts, each with its length, so that no two lists of parts run together.
func (r *Ring) Mac(purpose Purpose, parts ...string) []byte {
	key, ok := r.macs[purpose]
	if !ok {
		panic("keys: no such purpose: " + string(purpose))
	}
	h := hmac.New(sha256.New, key)
	var length [8]byte
	for _, part := range parts {
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}

func derive(master []byte) (map[Purpose][]byte, error) {
	macs := map[Purpose][]byte{}
	for _, purpose := range []Purpose{PhoneLookup, Address, Code, Login, TokenMark, TokenNext} {
		key, err := hkdf.Key(sha256.New, master, nil, "throughtrain directory "+string(purpose), sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("keys: derive: %w", err)
		}
		macs[purpose] = key
	}
	return macs, nil
}

// signingKey reads a key; one that is missing is made, or nil when it need not be there.
func signingKey(path string, needed bool) (ed25519.PrivateKey, error) {
	generate := func() ([]byte, error) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		return pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}), err
	}
	if !needed {
		generate = nil
	}
	content, err := readOrMake(path, generate)
	if err != nil || content == nil {
		return nil, err
	}
	block, rest := pem.Decode(content)
	if block == nil || block.Type != pemType || len(rest) > 0 {
		return nil, fmt.Errorf("keys: %s is not one PEM private key", filepath.Base(path))
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("keys: %s: %w", filepath.Base(path), err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("keys: %s is not an Ed25519 key", filepath.Base(path))
	}
	return key, nil
}

// readOrMake reads a secret file, or writes one if there is none; without generate a missing file is nil.
func readOrMake(path string, generate func() ([]byte, error)) ([]byte, error) {
	content, err := read(path)
	if !errors.Is(err, fs.ErrNotExist) || generate == nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return content, err
	}
	if content, err = generate(); err != nil {
		return nil, err
	}
	if err := write(path, content); err != nil {
		return nil, err
	}
	return read(path) // another process may have been first
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("keys: %s can be read by others (%#o): take their rights away, and think about replacing it", path, mode)
	}
	return os.ReadFile(path)
}

// write puts a whole, synced file into place, or leaves the one that is there: a link fails when its name is taken, so of two
// processes that start at once one wins and both read the winner's.
func write(path string, content []byte) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".new-*") // made with 0600
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(temporary.Name())) }()
	_, writeErr := temporary.Write(content)
	if err := errors.Join(writeErr, temporary.Sync(), temporary.Close()); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if err := os.Link(temporary.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keys: %w", err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
