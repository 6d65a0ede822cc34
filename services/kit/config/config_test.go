package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/config"
)

type server struct {
	Address string        `default:"127.0.0.1:8080" help:"Where to listen."`
	Timeout time.Duration `default:"10s" help:"Of a call."`
}

// Validate is called by Parse.
func (s *server) Validate() error {
	if s.Timeout <= 0 {
		return errors.New("--timeout must be more than zero")
	}
	return nil
}

type settings struct {
	Server   server        `embed:""`
	Database string        `default:"sqlite:data" format:"url" help:"Where data are."`
	Key      config.Secret `help:"Key to sign with: file:PATH or env:NAME."`
	Demo     bool          `help:"Play."`
}

func parse(t *testing.T, args ...string) (settings, string, error) {
	t.Helper()
	var s settings
	var out bytes.Buffer
	ctx, err := config.Parse(&s, "test", "A test.", args, &out)
	if err == nil {
		if err := config.Print(ctx, &out); err != nil {
			t.Fatal(err)
		}
	}
	return s, out.String(), err
}

func TestDefaultsEnvironmentFlags(t *testing.T) {
	s, _, err := parse(t)
	if err != nil || s.Server.Address != "127.0.0.1:8080" || s.Server.Timeout != 10*time.Second || s.Demo {
		t.Fatalf("defaults: %+v, %v", s, err)
	}
	t.Setenv("THROUGHTRAIN_ADDRESS", ":1")
	t.Setenv("THROUGHTRAIN_TIMEOUT", "3s")
	s, _, err = parse(t, "--address=:2", "--demo")
	if err != nil || s.Server.Address != ":2" || s.Server.Timeout != 3*time.Second || !s.Demo {
		t.Fatalf("flags over environment over defaults: %+v, %v", s, err)
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	for _, tt := range []struct{ arg, says string }{
		{"--timeout=0s", "--timeout must be more than zero"},
		{"--timeout=soon", "timeout"},
		{"--colour", "--colour"},
		{"--key=geheim", "by reference"},
		{"--key=file:/does/not/exist", "/does/not/exist"},
		{"--key=env:THROUGHTRAIN_NONE", "THROUGHTRAIN_NONE"},
	} {
		if _, _, err := parse(t, tt.arg); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", tt.arg, err)
		}
	}
}

func TestHelp(t *testing.T) {
	_, out, err := parse(t, "--help")
	if !errors.Is(err, config.ErrHelp) || !strings.Contains(out, "THROUGHTRAIN_ADDRESS") || !strings.Contains(out, "127.0.0.1:8080") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestSecretsAreReadAndNotShown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("geheim\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEST_KEY", "geheim")
	for _, reference := range []string{"file:" + path, "env:TEST_KEY"} {
		s, printed, err := parse(t, "--key="+reference, "--database=postgres://tt:geheim@db/x?sslpassword=geheim&a=1")
		if err != nil || s.Key.Reveal() != "geheim" || !s.Key.Set() {
			t.Fatalf("%s: %v", reference, err)
		}
		encoded, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		shown := printed + fmt.Sprintf("%v %+v %#v %s", s.Key, s.Key, s.Key, s.Key)
		if strings.Contains(shown, "geheim") || strings.Contains(string(encoded), `"Key":"geheim`) {
			t.Errorf("shown: %s %s", shown, encoded)
		}
		if !strings.Contains(printed, "--key=***") || !strings.Contains(printed, "--database=postgres://tt:***@db/x?") || !strings.Contains(printed, "--address=") {
			t.Errorf("printed: %s", printed)
		}
	}
	if _, still := os.LookupEnv("TEST_KEY"); still {
		t.Error("the secret stays in the environment")
	}
	if s := (config.Secret{}); s.Set() || s.String() != "" {
		t.Error("no secret must not look like one")
	}
}

func TestMaskURL(t *testing.T) {
	for in, want := range map[string]string{
		"sqlite:data":                  "sqlite:data",
		"postgres://tt@db/x":           "postgres://tt@db/x",
		"postgres://tt:p@db/x":         "postgres://tt:***@db/x",
		"host=db password=p dbname=x":  "***",
		"postgres://tt:%zz@db/x":       "***",
		"/var/lib/throughtrain/data":   "/var/lib/throughtrain/data",
		"redis://:p@localhost:6379/0":  "redis://:***@localhost:6379/0",
		"tt:p@tcp(localhost)/database": "***",
	} {
		if got := config.MaskURL(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
