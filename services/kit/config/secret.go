package config

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"
)

// Secret is a value that must be seen nowhere: not in the list of processes, where flags are, nor in a dump of the
// environment, a log or a printed configuration. So it is given by reference, file:PATH or env:NAME, and read once. However
// it is formatted, it shows as stars; Reveal is the one way to it.
type Secret struct{ value string }

const (
	stars          = "***"
	maxSecretBytes = 64 << 10
)

// UnmarshalText implements encoding.TextUnmarshaler: it follows the reference. A variable is taken out of the environment,
// so that no child process and no dump has it.
func (s *Secret) UnmarshalText(text []byte) error {
	reference := string(text)
	if reference == "" {
		*s = Secret{}
		return nil
	}
	kind, place, _ := strings.Cut(reference, ":")
	switch {
	case kind == "file" && place != "":
		return s.readFile(place)
	case kind == "env" && place != "":
		value, ok := os.LookupEnv(place)
		if !ok || value == "" {
			return fmt.Errorf("the environment has no %s", place)
		}
		*s = Secret{value}
		return os.Unsetenv(place)
	default:
		return errors.New("a secret is given by reference, as file:PATH or env:NAME, not as it is")
	}
}

func (s *Secret) readFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() > maxSecretBytes {
		return fmt.Errorf("%s is longer than %d bytes", path, maxSecretBytes)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	value := strings.TrimRight(string(content), "\r\n")
	if value == "" || !utf8.ValidString(value) {
		return fmt.Errorf("%s is empty or not text", path)
	}
	*s = Secret{value}
	return nil
}

// NewSecret is for values that the program made itself.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal is the secret itself.
func (s Secret) Reveal() string { return s.value }

// Set tells whether there is one.
func (s Secret) Set() bool { return s.value != "" }

// String hides the secret and shows whether there is one.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return stars
}

// GoString hides it from %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides it from encoders, loggers among them.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MaskURL stars the password in a URL, and all of what is no URL but looks as if it had one in it.
func MaskURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || u.Opaque != "" {
		if strings.Contains(strings.ToLower(raw), "password") || strings.Contains(raw, "@") {
			return stars
		}
		return raw
	}
	query := u.Query()
	for name := range query {
		if strings.Contains(strings.ToLower(name), "password") {
			query.Set(name, stars)
			u.RawQuery = query.Encode()
		}
	}
	if _, has := u.User.Password(); has {
		u.User = url.UserPassword(u.User.Username(), "xxxxx")
	}
	return strings.ReplaceAll(u.String(), "xxxxx@", stars+"@")
}
