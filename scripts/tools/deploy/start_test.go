package deploy

import (
	"bytes"
	"encoding/json"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// contained is a service of a Compose file with what its image starts.
func contained(t *testing.T, s types.ServiceConfig) command {
	t.Helper()
	c := command{args: s.Command, env: map[string]string{}}
	for _, stage := range stages(t) {
		for _, in := range stage.Commands {
			switch in := in.(type) {
			case *instructions.EntrypointCommand:
				if stage.Name == s.Build.Target {
					c.program = filepath.Base(in.CmdLine[0])
				}
			case *instructions.EnvCommand:
				for _, pair := range in.Env {
					if stage.Name == s.Build.Target {
						c.env[pair.Key] = pair.Value
					}
				}
			}
		}
	}
	for name, value := range s.Environment {
		c.env[name] = *value
	}
	return c
}

// mounts are the places of a service: what its image has, and what Compose mounts there.
func (m *machine) mounts(project *types.Project, s types.ServiceConfig, folder string) map[string]string {
	m.t.Helper()
	real, err := filepath.Abs(filepath.Join(root, "deploy/compose"))
	m.must(err)
	all := map[string]string{}
	for _, stage := range stages(m.t) {
		for _, in := range stage.Commands {
			if c, ok := in.(*instructions.CopyCommand); ok && c.From == "" && stage.Name == s.Build.Target {
				all[c.DestPath] = m.image(c.SourcePaths[0])
			}
		}
	}
	for _, v := range s.Volumes {
		if v.Type == "volume" {
			all[v.Target] = m.give(nobody, filepath.Join(m.at, "volumes", v.Source))
		} else {
			all[v.Target] = strings.Replace(v.Source, real, folder, 1)
		}
	}
	for _, used := range s.Secrets {
		all["/run/secrets/"+used.Source] = strings.Replace(project.Secrets[used.Source].File, real, folder, 1)
	}
	return all
}

// image is a folder of the repository where everybody can read it, as in an image.
func (m *machine) image(path string) string {
	m.t.Helper()
	to := filepath.Join(m.at, "image", path)
	if _, err := os.Stat(to); err != nil {
		m.must(os.CopyFS(to, os.DirFS(filepath.Join(root, path))))
	}
	return to
}

// TestComposeServesACity starts the suite with the commands, the environment, the secrets and the mounts that Compose gives it, the last before the first.
func TestComposeServesACity(t *testing.T) {
	m := newMachine(t)
	folder := madeSecrets(t, m.at)
	m.agree(filepath.Join(folder, "secrets/message-gateway"))
	stop := m.servers(folder)
	project := compose(t, "suite.yaml", m.messages.URL)
	prepare := func(name string, args ...string) *exec.Cmd {
		s := project.Services[name]
		c := contained(t, s)
		if len(args) > 0 {
			c.args = args
		}
		return m.prepare(name, c, m.mounts(project, s, folder))
	}
	m.once(prepare("city"))
	if said := m.once(prepare("city", "staff", "bootstrap", "410900")); !strings.Contains(said, "initial password") {
		t.Errorf("no administrator can come in: %s", said)
	}
	var all []*running
	for _, name := range slices.Backward(processes) {
		all = append(all, m.start(prepare(name)))
	}
	metrics := regexp.MustCompile(`port: (\d+)`).FindStringSubmatch(read(t, "deploy/compose/prometheus.suite.yaml"))[1]
	for _, name := range processes {
		m.ready(m.address(name + ":" + metrics))
	}
	for _, name := range []string{"directory", "hotline", "agency"} { // which write to a folder
		if text := m.metrics(m.address(name + ":" + metrics)); !strings.Contains(text, "\nthroughtrain_disk_free_bytes ") {
			t.Errorf("%s does not say how much room there is", name)
		}
	}
	m.file(m.address("gateway:8080"))
	if target := project.Services["gateway"].Ports[0].Target; target != 8080 {
		t.Errorf("the gateway is published at %d", target)
	}
	m.once(prepare("operate"))
	if _, err := os.Stat(filepath.Join(folder, "backups/latest/manifest.json")); err != nil {
		t.Error(err)
	}
	for _, r := range all {
		r.stop(syscall.SIGTERM)
	}
	m.comesBack(folder, func(args ...string) *exec.Cmd { return prepare("operate", args...) }, project.Services["operate"].Command)
	m.once(prepare("city"))
	stop()
}

// comesBack does what RUNBOOK.md says of a restore to where data already are: before, it is refused.
func (m *machine) comesBack(folder string, operate func(...string) *exec.Cmd, backup []string) {
	m.t.Helper()
	restore := slices.Clone(backup)
	restore[0] = "restore"
	refused := operate(restore...)
	refused.Dir = "/"
	if out, err := refused.CombinedOutput(); err == nil || !strings.Contains(string(out), "not empty") {
		m.t.Fatalf("it is restored over what is there: %v %s", err, out)
	}
	for _, moved := range []string{"directory/keys", "hotline/files", "agency/files"} {
		if err := os.Rename(filepath.Join(m.at, "volumes", moved), filepath.Join(m.at, "volumes", moved+".before")); err != nil && !os.IsNotExist(err) {
			m.t.Fatal(err)
		}
	}
	said := regexp.MustCompile(`(?s)psql -U postgres <<'SQL'\n(.*?)\nSQL\n`).FindStringSubmatch(read(m.t, "deploy/RUNBOOK.md"))
	if said == nil {
		m.t.Fatal("the runbook does not say how databases are emptied")
	}
	if out, err := m.psql(folder, said[1]); err != nil {
		m.t.Fatalf("%v: %s", err, out)
	}
	m.once(operate(restore...))
	var manifest struct{ Files []struct{ Path string } }
	text, err := os.ReadFile(filepath.Join(folder, "backups/latest/manifest.json"))
	m.must(err, json.Unmarshal(text, &manifest))
	compared := 0
	for _, f := range manifest.Files {
		kind, rest, _ := strings.Cut(f.Path, "/")
		at := map[string]string{"keys": "volumes/directory/keys/" + rest, "files": "volumes/" + strings.Replace(rest, "/", "/files/", 1)}[kind]
		if at == "" {
			continue
		}
		compared++
		was, err := os.ReadFile(filepath.Join(folder, "backups/latest", f.Path))
		m.must(err)
		if is, err := os.ReadFile(filepath.Join(m.at, at)); err != nil || !bytes.Equal(is, was) {
			m.t.Errorf("%s did not come back: %v", f.Path, err)
		}
	}
	if out, err := m.psql(folder, "\\connect hotline\nSELECT 'tickets:' || count(*) FROM tickets;"); err != nil || !strings.Contains(string(out), "tickets:1") || compared == 0 {
		m.t.Errorf("%d files and %s came back: %v", compared, out, err)
	}
}

// TestComposeServesACityWithOneProcess does so with everything in one process.
func TestComposeServesACityWithOneProcess(t *testing.T) {
	m := newMachine(t)
	folder := madeSecrets(t, m.at)
	m.agree(filepath.Join(folder, "secrets/message-gateway"))
	project := compose(t, "standalone.yaml", m.messages.URL)
	s := project.Services["throughtrain"]
	r := m.start(m.prepare("throughtrain", contained(t, s), m.mounts(project, s, folder)))
	metrics := regexp.MustCompile(`throughtrain:\d+`).FindString(read(t, "deploy/compose/prometheus.standalone.yaml"))
	m.ready(m.address(metrics))
	m.file(m.address("throughtrain:8080"))
	r.stop(syscall.SIGTERM)
}

// TestTheChartServesACity starts what the chart has Kubernetes start, with the secrets that deploy/README.md says how to make.
func TestTheChartServesACity(t *testing.T) {
	m := newMachine(t)
	folder := madeSecrets(t, m.at)
	stop := m.servers(folder)
	secrets := filepath.Join(m.at, "secrets")
	for _, name := range append([]string{"peers"}, processes...) {
		m.must(os.CopyFS(filepath.Join(secrets, "throughtrain-"+name), os.DirFS(filepath.Join(folder, "secrets/trust", name))))
		if name != "peers" && name != "gateway" {
			m.must(os.Rename(filepath.Join(folder, "secrets", name+".dsn"), filepath.Join(secrets, "throughtrain-"+name, "database")))
		}
	}
	m.must(os.Mkdir(filepath.Join(secrets, "throughtrain-redis"), 0o700), os.Mkdir(filepath.Join(secrets, "throughtrain-message-gateway"), 0o700),
		os.Rename(filepath.Join(folder, "secrets/redis"), filepath.Join(secrets, "throughtrain-redis/url")),
		os.WriteFile(filepath.Join(secrets, "throughtrain-message-gateway/secret"), m.secret, 0o600))
	m.hand(secrets)
	r := render(t, object{"messageGateway": object{"url": m.messages.URL}, "backup": object{"enabled": true}})
	own := func(name string) string { return name + ".city.svc" }
	prepare := func(name string) *exec.Cmd {
		pod := pods(r)[name].Spec
		mounts := map[string]string{"/etc/throughtrain/cities": m.image("deploy/config/cities")}
		for _, v := range pod.Volumes {
			for _, mount := range pod.Containers[0].VolumeMounts {
				switch {
				case mount.Name != v.Name:
				case v.Secret != nil:
					mounts[mount.MountPath] = filepath.Join(secrets, v.Secret.SecretName)
				case v.PersistentVolumeClaim != nil:
					mounts[mount.MountPath] = m.give(nobody, filepath.Join(m.at, "claims", v.PersistentVolumeClaim.ClaimName))
				default:
					mounts[mount.MountPath] = m.give(nobody, filepath.Join(m.at, "empty", name))
				}
			}
		}
		c := command{program: regexp.MustCompile(`/([a-z]+):[^/]*$`).FindStringSubmatch(pod.Containers[0].Image)[1]}
		if c.program == "operate" {
			c.program = "throughtrain"
		}
		for _, arg := range pod.Containers[0].Args {
			if url, ok := strings.CutPrefix(arg, "--message-gateway="); ok && url != m.messages.URL {
				t.Errorf("codes go to %s", url)
			}
			c.args = append(c.args, strings.ReplaceAll(arg, "$(POD_NAME)", "night"))
		}
		return m.prepare(own(name), c, mounts)
	}
	m.once(prepare("tt-city-1"))
	var all []*running
	for _, name := range slices.Backward(processes) {
		all = append(all, m.start(prepare("tt-"+name)))
	}
	for _, name := range processes {
		m.ready(m.address(own("tt-"+name) + ":9090"))
	}
	m.file(m.address(own("tt-gateway") + ":8080"))
	m.once(prepare("tt-throughtrain-backup"))
	if _, err := os.Stat(filepath.Join(m.at, "claims/throughtrain-backups/night/manifest.json")); err != nil {
		t.Error(err)
	}
	for _, r := range all {
		r.stop(syscall.SIGTERM)
	}
	stop()
}

// etc makes /etc/throughtrain as deploy/README.md says.
func (m *machine) etc() string {
	m.t.Helper()
	etc := filepath.Join(m.at, "etc")
	m.once(exec.Command(filepath.Join(bin, "throughtrain"), "trust", etc))                   //nolint:gosec // G204: our own
	m.once(exec.Command("chmod", "-R", "a+rX", etc+"/peers"))                                //nolint:gosec // G204: a folder of this test's
	m.must(os.Chmod(etc, 0o711), os.Symlink(m.image("deploy/config/cities"), etc+"/cities"), //nolint:gosec // G302: as it is there
		os.WriteFile(etc+"/message-gateway", m.secret, 0o600))
	return etc
}

// unit is a unit's commands with what systemd gives them: credentials that only they read, and folders of their own.
func (m *machine) unit(name, etc string) (all []*exec.Cmd) {
	m.t.Helper()
	text := read(m.t, "deploy/systemd/"+name+".service")
	credentials := filepath.Join(m.at, "credentials", name)
	m.give(nobody, credentials)
	for _, c := range regexp.MustCompile(`(?m)^LoadCredential=([a-z-]+):/etc/throughtrain/(.*)$`).FindAllStringSubmatch(text, -1) {
		content, err := os.ReadFile(filepath.Join(etc, c[2]))
		m.must(err)
		m.must(os.WriteFile(filepath.Join(credentials, c[1]), content, 0o400))
	}
	mounts := map[string]string{"/run/credentials": m.hand(credentials), "/etc/throughtrain": etc}
	for _, state := range regexp.MustCompile(`(?m)^StateDirectory=(.*)$`).FindAllStringSubmatch(text, -1) {
		for _, one := range strings.Fields(state[1]) {
			mounts["/var/lib/"+one] = m.give(nobody, filepath.Join(m.at, "lib", one))
		}
	}
	if strings.HasSuffix(name, "-backup") {
		script := regexp.MustCompile(`(?m)^ExecStart=/bin/sh -c '(.*)'$`).FindStringSubmatch(text)[1]
		script = strings.NewReplacer("$$", "$", "%%", "%", "%d", credentials, "/usr/local/bin/", bin+"/", "/var/lib/", filepath.Join(m.at, "lib")+"/").Replace(script)
		cmd := exec.Command("/bin/sh", "-c", script)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: account(nobody)}
		return []*exec.Cmd{cmd}
	}
	for _, c := range unit(m.t, text) {
		all = append(all, m.prepare(name, c, mounts))
	}
	return all
}

// notified has a process tell when it works, as Type=notify has it; wait returns when it has.
func (m *machine) notified(cmd *exec.Cmd) (wait func()) {
	m.t.Helper()
	folder := m.give(nobody, filepath.Join(m.at, "notify", filepath.Base(cmd.Path)))
	path := filepath.Join(folder, "socket")
	told, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	m.must(err)
	m.t.Cleanup(func() { _ = told.Close() })
	m.give(nobody, folder)
	cmd.Env = append(cmd.Env, "NOTIFY_SOCKET="+path)
	return func() {
		m.t.Helper()
		m.must(told.SetReadDeadline(time.Now().Add(patience)))
		buffer := make([]byte, 4096)
		for {
			n, err := told.Read(buffer)
			if err != nil {
				m.t.Fatalf("%s: %v", filepath.Base(cmd.Path), err)
			}
			if strings.Contains(string(buffer[:n]), "READY=1") {
				return
			}
		}
	}
}

// backedUp runs a unit that backs up, and finds one backup.
func (m *machine) backedUp(name, etc string) {
	m.t.Helper()
	m.once(m.unit(name, etc)[0])
	for _, part := range []string{"manifest.json", "keys/master.key"} {
		if made, err := filepath.Glob(filepath.Join(m.at, "lib/throughtrain-backups/*", part)); err != nil || len(made) != 1 {
			m.t.Errorf("%s: %s: %v %v", name, part, made, err)
		}
	}
}

// TestUnitsServeACity starts the suite with the commands of the units, and the environment of the examples, and backs it up with its unit while it serves.
func TestUnitsServeACity(t *testing.T) {
	m := newMachine(t)
	folder := madeSecrets(t, m.at)
	stop := m.servers(folder)
	etc := m.etc()
	for _, name := range []string{"directory", "hotline", "attendant", "agency"} {
		m.must(os.Rename(filepath.Join(folder, "secrets", name+".dsn"), filepath.Join(etc, name, "database")))
	}
	m.must(os.Rename(filepath.Join(folder, "secrets/redis"), filepath.Join(etc, "redis")))
	for _, cmd := range m.unit("throughtrain-city", etc) {
		m.once(cmd)
	}
	var all []*running
	ready := map[string]func(){}
	for _, name := range slices.Backward(processes) {
		cmd := m.unit("throughtrain-"+name, etc)[0]
		if strings.Contains(read(t, "deploy/systemd/throughtrain-"+name+".service"), "\nType=notify\n") {
			ready[name] = m.notified(cmd)
		}
		all = append(all, m.start(cmd))
	}
	if !slices.Equal(slices.Sorted(maps.Keys(ready)), slices.Sorted(slices.Values(processes))) {
		t.Errorf("only %v tell when they work", slices.Sorted(maps.Keys(ready)))
	}
	for _, name := range processes {
		ready[name]()
		m.ready(m.address(variables(t, "deploy/config/examples/"+name+".env")["THROUGHTRAIN_ADMIN"]))
	}
	m.file(m.address(variables(t, "deploy/config/examples/gateway.env")["THROUGHTRAIN_LISTEN"]))
	m.backedUp("throughtrain-suite-backup", etc)
	for _, r := range all {
		r.stop(syscall.SIGTERM)
	}
	stop()
}

// TestAUnitServesACity does so with everything in one process, and backs it up with its unit while it serves.
func TestAUnitServesACity(t *testing.T) {
	m := newMachine(t)
	etc := m.etc()
	r := m.start(m.unit("throughtrain", etc)[0])
	settings := variables(t, "deploy/config/examples/throughtrain.env")
	m.ready(m.address(settings["THROUGHTRAIN_ADMIN_ADDR"]))
	m.file(m.address(settings["THROUGHTRAIN_ADDR"]))
	m.backedUp("throughtrain-backup", etc)
	r.stop(syscall.SIGTERM)
}
