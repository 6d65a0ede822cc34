package deploy

import (
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// compose reads a file as Compose does.
func compose(t *testing.T, name, messages string) *types.Project {
	t.Helper()
	folder, err := filepath.Abs(filepath.Join(root, "deploy/compose"))
	if err != nil {
		t.Fatal(err)
	}
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir: folder, ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(folder, name)}},
		Environment: types.Mapping{"THROUGHTRAIN_MESSAGE_GATEWAY": messages},
	}, func(o *loader.Options) { o.Profiles = []string{"*"} })
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestCompose(t *testing.T) {
	for file, want := range map[string][]string{"standalone.yaml": {"throughtrain"}, "suite.yaml": append(slices.Clone(processes), "city", "operate")} {
		project := compose(t, file, "https://sms.example/send")
		for _, name := range want {
			t.Run(file+" "+name, func(t *testing.T) {
				s, there := project.Services[name]
				if !there {
					t.Fatal("it is missing")
				}
				c := command{program: name, args: s.Command, env: map[string]string{}}
				switch name {
				case "city":
					c.program = "directory"
				case "operate":
					c.program = "throughtrain"
				}
				for variable, value := range s.Environment {
					c.env[variable] = *value
				}
				c.accept(t)
				if !s.ReadOnly || s.User != "65532:65532" || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
					t.Error("it may do more than it needs")
				}
				for _, port := range s.Ports {
					if port.HostIP != "127.0.0.1" {
						t.Errorf("it is published at %q", port.HostIP)
					}
				}
			})
		}
		for name, s := range project.Services {
			if s.Logging == nil || s.Logging.Options["max-size"] == "" {
				t.Errorf("%s: the log of %s fills the disk", file, name)
			}
			for _, used := range s.Secrets {
				if _, there := project.Secrets[used.Source]; !there {
					t.Errorf("%s: %s uses the secret %s, which is not there", file, name, used.Source)
				}
			}
			for _, v := range s.Volumes {
				if v.Type == "bind" && !strings.Contains(v.Source, "/secrets/") && !strings.Contains(v.Source, "/backups") {
					if _, err := os.Stat(v.Source); err != nil {
						t.Errorf("%s: %s: %v", file, name, err)
					}
				}
			}
		}
	}
}

// madeSecrets makes what secrets.sh makes, in a copy of the folder, which it returns.
func madeSecrets(t *testing.T, at string) string {
	t.Helper()
	folder := filepath.Join(at, "deploy/compose")
	if err := os.MkdirAll(filepath.Join(folder, "secrets"), 0o755); err != nil { //nolint:gosec // G301: the programs run as somebody else
		t.Fatal(err)
	}
	script := strings.ReplaceAll(read(t, "deploy/compose/secrets.sh"), `go build -C "$root"`, "true")
	if err := os.WriteFile(filepath.Join(folder, "secrets.sh"), []byte(script), 0o700); err != nil { //nolint:gosec // G306: it is run
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "secrets/message-gateway"), []byte(rand.Text()), 0o600); err != nil { // as the city does
		t.Fatal(err)
	}
	if err := os.Symlink(bin, filepath.Join(at, "bin")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it leaves what is there
		if out, err := exec.CommandContext(t.Context(), filepath.Join(folder, "secrets.sh")).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return folder
}

// TestSecretsForCompose finds every file that the suite mounts.
func TestSecretsForCompose(t *testing.T) {
	folder := madeSecrets(t, t.TempDir())
	here, err := filepath.Abs(filepath.Join(root, "deploy/compose"))
	if err != nil {
		t.Fatal(err)
	}
	project := compose(t, "suite.yaml", "https://sms.example/send")
	for name, secret := range project.Secrets {
		if _, err := os.Stat(strings.Replace(secret.File, here, folder, 1)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, s := range project.Services {
		for _, variable := range []string{"THROUGHTRAIN_TLS_CERT", "THROUGHTRAIN_TLS_KEY", "THROUGHTRAIN_TLS_CA", "THROUGHTRAIN_SERVICE_KEY"} {
			value := s.Environment[variable]
			if value == nil {
				continue
			}
			if _, err := os.Stat(filepath.Join(folder, "secrets/trust", s.Name, filepath.Base(*value))); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
		}
	}
}
