package deploy

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

const chart = root + "/deploy/helm/throughtrain"

// what a chart renders to, by kind and name.
type rendered map[string]any

// of lists the objects of one kind.
func of[T any](r rendered) (all []*T) {
	for _, name := range slices.Sorted(keys(r)) {
		if o, ok := r[name].(*T); ok {
			all = append(all, o)
		}
	}
	return all
}

func keys(r rendered) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range r {
			if !yield(name) {
				return
			}
		}
	}
}

// monitor and rules are what we use of the Prometheus operator's kinds.
type monitor struct {
	Kind       string         `json:"kind"`
	APIVersion string         `json:"apiVersion"`
	Metadata   map[string]any `json:"metadata"`
	Spec       struct {
		JobLabel  string                                  `json:"jobLabel"`
		Selector  struct{ MatchLabels map[string]string } `json:"selector"`
		Endpoints []map[string]string                     `json:"endpoints"`
	} `json:"spec"`
}

type rules struct {
	Kind       string         `json:"kind"`
	APIVersion string         `json:"apiVersion"`
	Metadata   map[string]any `json:"metadata"`
	Spec       struct{ Groups []any }
}

// render renders the chart with some values and reads every document strictly: a field that Kubernetes does not know is an error.
func render(t *testing.T, values map[string]any) rendered {
	t.Helper()
	c, err := loader.Load(chart)
	if err != nil {
		t.Fatal(err)
	}
	all, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "tt", Namespace: "city", Revision: 1, IsInstall: true}, chartutil.DefaultCapabilities)
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.Engine{Strict: true}.Render(c, all)
	if err != nil {
		t.Fatal(err)
	}
	out := rendered{}
	for path, text := range files {
		if filepath.Ext(path) != ".yaml" {
			continue
		}
		for _, document := range regexp.MustCompile(`(?m)^---$`).Split(text, -1) {
			var head struct {
				Kind     string                `json:"kind"`
				Metadata struct{ Name string } `json:"metadata"`
			}
			if err := yaml.Unmarshal([]byte(document), &head); err != nil {
				t.Fatalf("%s: %v\n%s", path, err, document)
			}
			if head.Kind == "" {
				continue
			}
			object := map[string]any{
				"Deployment": &appsv1.Deployment{}, "Service": &corev1.Service{}, "PodDisruptionBudget": &policyv1.PodDisruptionBudget{},
				"HorizontalPodAutoscaler": &autoscalingv2.HorizontalPodAutoscaler{}, "NetworkPolicy": &networkingv1.NetworkPolicy{}, "Job": &batchv1.Job{},
				"CronJob": &batchv1.CronJob{}, "Ingress": &networkingv1.Ingress{}, "ServiceMonitor": &monitor{}, "PrometheusRule": &rules{},
			}[head.Kind]
			if object == nil {
				t.Fatalf("%s: what is a %s?", path, head.Kind)
			}
			if err := yaml.UnmarshalStrict([]byte(document), object); err != nil {
				t.Errorf("%s: %s %s: %v\n%s", path, head.Kind, head.Metadata.Name, err, document)
			}
			name := head.Kind + "/" + head.Metadata.Name
			if out[name] != nil {
				t.Errorf("%s is there twice", name)
			}
			out[name] = object
		}
	}
	return out
}

type object = map[string]any

// everything is the chart with all that can be turned on.
func everything() map[string]any {
	return object{"monitoring": object{"serviceMonitor": true, "rules": true, "labels": object{"release": "prometheus"}}, "backup": object{"enabled": true},
		"messageGateway": object{"url": "https://sms.example/send"}, "traceEndpoint": "http://collector:4317",
		"image": object{"pullSecrets": []any{object{"name": "registry"}}}}
}

func variants() map[string]map[string]any {
	return map[string]map[string]any{"as it is": {}, "everything": everything(),
		"a restore": {"backup": object{"restore": "night"}},
		"a bucket":  {"files": object{"s3": object{"endpoint": "s3.example:443", "bucket": "files"}}, "backup": object{"enabled": true}},
		"little":    {"redisSecret": "", "autoscaling": object{"enabled": false}, "networkPolicies": object{"enabled": false}, "ingress": object{"enabled": false}}}
}

// pods are all that run, by the name of what runs them.
func pods(r rendered) map[string]corev1.PodTemplateSpec {
	all := map[string]corev1.PodTemplateSpec{}
	for _, d := range of[appsv1.Deployment](r) {
		all[d.Name] = d.Spec.Template
	}
	for _, j := range of[batchv1.Job](r) {
		all[j.Name] = j.Spec.Template
	}
	for _, j := range of[batchv1.CronJob](r) {
		all[j.Name] = j.Spec.JobTemplate.Spec.Template
	}
	return all
}

// TestTheChartIsTaken by the programs, with every way to set it.
func TestTheChartIsTaken(t *testing.T) {
	for name, values := range variants() {
		t.Run(name, func(t *testing.T) {
			r := render(t, values)
			if len(of[appsv1.Deployment](r)) != len(processes) {
				t.Errorf("%d deployments", len(of[appsv1.Deployment](r)))
			}
			for run, pod := range pods(r) {
				c := pod.Spec.Containers[0]
				program := regexp.MustCompile(`/([a-z]+)[:@][^/]*$`).FindStringSubmatch(c.Image)[1]
				if program == "operate" {
					program = "throughtrain"
				}
				command{program: program, args: c.Args}.accept(t)
				if name == "everything" && len(pod.Spec.ImagePullSecrets) == 0 {
					t.Errorf("%s: nobody may fetch its image", run)
				}
				confined(t, run, pod)
				mounted(t, run, pod)
			}
		})
	}
}

// confined holds a pod to the restricted standard, and to a file system that it cannot write to.
func confined(t *testing.T, run string, pod corev1.PodTemplateSpec) {
	t.Helper()
	p := pod.Spec.SecurityContext
	if p == nil || p.RunAsNonRoot == nil || !*p.RunAsNonRoot || p.SeccompProfile == nil || p.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault ||
		pod.Spec.AutomountServiceAccountToken == nil || *pod.Spec.AutomountServiceAccountToken {
		t.Errorf("%s: the pod may do more than it needs", run)
	}
	for _, c := range pod.Spec.Containers {
		s := c.SecurityContext
		if s == nil || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem ||
			s.Capabilities == nil || !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) {
			t.Errorf("%s: the container may do more than it needs", run)
		}
		if c.Resources.Requests.Cpu().IsZero() || c.Resources.Limits.Memory().IsZero() {
			t.Errorf("%s: nobody knows what it needs", run)
		}
		for _, e := range c.Env {
			if e.Value != "" && e.Name != "GOMEMLIMIT" {
				t.Errorf("%s: %s is a setting that no test looks at", run, e.Name)
			}
		}
	}
}

// mounted holds every file that a container is told of to a volume that is there, and every volume to a use.
func mounted(t *testing.T, run string, pod corev1.PodTemplateSpec) {
	t.Helper()
	volumes := map[string]bool{}
	for _, v := range pod.Spec.Volumes {
		volumes[v.Name] = false
	}
	c := pod.Spec.Containers[0]
	for _, m := range c.VolumeMounts {
		if _, there := volumes[m.Name]; !there {
			t.Errorf("%s mounts %s, which is not there", run, m.Name)
		}
		volumes[m.Name] = true
	}
	for name, used := range volumes {
		if !used {
			t.Errorf("%s has a volume %s for nothing", run, name)
		}
	}
	for _, path := range place.FindAllString(strings.Join(c.Args, "\n"), -1) {
		in := slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool {
			return path == m.MountPath || strings.HasPrefix(path, m.MountPath+"/")
		})
		if !in && !strings.HasPrefix(path, "/etc/throughtrain/cities/") { // which are in the image
			t.Errorf("%s: nothing is mounted at %s", run, path)
		}
	}
}

// TestMemoryIsLimitedBeforeTheClusterDoes: without a limit of its own a program lets garbage grow until it is killed for it.
func TestMemoryIsLimitedBeforeTheClusterDoes(t *testing.T) {
	hotline := object{"hotline": object{"resources": object{"limits": object{"memory": "1.5Gi"}}}}
	for _, values := range []map[string]any{{}, {"processes": hotline}} {
		for _, d := range of[appsv1.Deployment](render(t, values)) {
			c := d.Spec.Template.Spec.Containers[0]
			i := slices.IndexFunc(c.Env, func(e corev1.EnvVar) bool { return e.Name == "GOMEMLIMIT" })
			if i < 0 {
				t.Errorf("%s is not told how much memory it has", d.Name)
				continue
			}
			own, err := strconv.ParseFloat(strings.TrimSuffix(c.Env[i].Value, "MiB"), 64)
			limit := c.Resources.Limits.Memory().AsApproximateFloat64() / (1 << 20)
			if err != nil || own < 0.85*limit || own > 0.95*limit {
				t.Errorf("%s: %s of %.0f MiB: %v", d.Name, c.Env[i].Value, limit, err)
			}
		}
	}
}

// TestAReplicaStopsInTime, but not before whoever sends to it has heard of it.
func TestAReplicaStopsInTime(t *testing.T) {
	for _, values := range []map[string]any{{}, {"stopSeconds": 60, "lingerSeconds": 15}} {
		for _, d := range of[appsv1.Deployment](render(t, values)) {
			pod := d.Spec.Template.Spec
			c := pod.Containers[0]
			if c.Lifecycle == nil || c.Lifecycle.PreStop == nil || c.Lifecycle.PreStop.Sleep == nil || c.Lifecycle.PreStop.Sleep.Seconds < 3 {
				t.Errorf("%s closes its door while it is still sent to", d.Name)
				continue
			}
			i := slices.IndexFunc(c.Args, func(arg string) bool { return strings.HasPrefix(arg, "--stop-after=") })
			stop, err := time.ParseDuration(strings.TrimPrefix(c.Args[i], "--stop-after="))
			if err != nil {
				t.Fatal(err)
			}
			// What goes on beside requests has ten seconds more, kit/process says, and a trace a few.
			needs := time.Duration(c.Lifecycle.PreStop.Sleep.Seconds)*time.Second + stop + 15*time.Second
			if grace := time.Duration(*pod.TerminationGracePeriodSeconds) * time.Second; grace < needs {
				t.Errorf("%s is killed after %v and may need %v", d.Name, grace, needs)
			}
		}
	}
}

// TestProcessesInACluster are found, kept apart, kept up and scaled.
func TestProcessesInACluster(t *testing.T) {
	r := render(t, everything())
	for _, name := range processes {
		d, ok := r["Deployment/tt-"+name].(*appsv1.Deployment)
		if !ok {
			t.Fatalf("no deployment of %s", name)
		}
		labels, select1 := d.Spec.Template.Labels, d.Spec.Selector.MatchLabels
		chosen := func(what string, by map[string]string) {
			t.Helper()
			for label, value := range by {
				if labels[label] != value {
					t.Errorf("%s: %s does not choose it: %s=%s", name, what, label, value)
				}
			}
			if !reflect.DeepEqual(by, select1) {
				t.Errorf("%s: %s chooses by %v", name, what, by)
			}
		}
		chosen("the deployment", select1)
		service := r["Service/tt-"+name].(*corev1.Service)
		chosen("the service", service.Spec.Selector)
		if headless := service.Spec.ClusterIP == corev1.ClusterIPNone; headless == (name == "gateway") {
			t.Errorf("%s: clients have to see every replica of a service, and one address of the gateway", name)
		}
		for _, p := range service.Spec.Ports {
			if !slices.ContainsFunc(d.Spec.Template.Spec.Containers[0].Ports, func(c corev1.ContainerPort) bool { return c.Name == p.TargetPort.StrVal }) {
				t.Errorf("%s: nobody is at the port %s", name, p.TargetPort.StrVal)
			}
		}
		budget := r["PodDisruptionBudget/tt-"+name].(*policyv1.PodDisruptionBudget)
		chosen("the budget", budget.Spec.Selector.MatchLabels)
		if hpa := r["HorizontalPodAutoscaler/tt-"+name].(*autoscalingv2.HorizontalPodAutoscaler); hpa.Spec.ScaleTargetRef.Name != d.Name || *hpa.Spec.MinReplicas < 2 ||
			hpa.Spec.MaxReplicas <= *hpa.Spec.MinReplicas || d.Spec.Replicas != nil {
			t.Errorf("%s: it is scaled wrongly", name)
		}
		spread := map[string]bool{}
		for _, s := range d.Spec.Template.Spec.TopologySpreadConstraints {
			spread[s.TopologyKey] = true
			chosen("the spread", s.LabelSelector.MatchLabels)
			if s.NodeTaintsPolicy == nil || *s.NodeTaintsPolicy != corev1.NodeInclusionPolicyHonor {
				t.Errorf("%s: what ran on a machine that is lost comes up nowhere else, for the sake of the spread", name)
			}
		}
		if !spread["kubernetes.io/hostname"] || !spread["topology.kubernetes.io/zone"] {
			t.Errorf("%s: all of it may lie on one machine", name)
		}
		c := d.Spec.Template.Spec.Containers[0]
		if c.ReadinessProbe.HTTPGet.Path != "/readyz" || c.LivenessProbe.HTTPGet.Path != "/healthz" || c.StartupProbe.HTTPGet.Path != "/healthz" ||
			c.ReadinessProbe.HTTPGet.Port.StrVal != "admin" {
			t.Errorf("%s: nobody asks how it is", name)
		}
	}
}

// TestTheNetworkIsWhatIsAsked compares who may connect with whom the programs connect to, and both with the addresses that each is given.
func TestTheNetworkIsWhatIsAsked(t *testing.T) {
	r := render(t, everything())
	asks := map[string][]string{}
	for _, name := range processes {
		source := "services/" + name + "/cmd/" + name
		if name == "gateway" {
			source = "gateway/cmd/gateway"
		}
		files, err := filepath.Glob(filepath.Join(root, source, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(source, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`p\.Connect\("([a-z]+)"\)|\{"([a-z]+)", &up\.`).FindAllStringSubmatch(string(text), -1) {
				asks[name] = append(asks[name], m[1]+m[2])
			}
		}
		slices.Sort(asks[name])
		var given []string
		for _, arg := range r["Deployment/tt-"+name].(*appsv1.Deployment).Spec.Template.Spec.Containers[0].Args {
			if peer, ok := strings.CutPrefix(arg, "--peer="); ok {
				peer, address, _ := strings.Cut(peer, "=")
				given = append(given, peer)
				if address != "dns:///tt-"+peer+".city.svc:8443" {
					t.Errorf("%s looks for %s at %s", name, peer, address)
				}
			}
		}
		slices.Sort(given)
		var may []string
		for _, e := range r["NetworkPolicy/tt-"+name].(*networkingv1.NetworkPolicy).Spec.Egress {
			for _, to := range e.To {
				if to.PodSelector != nil {
					may = append(may, to.PodSelector.MatchLabels["app.kubernetes.io/name"])
				}
			}
		}
		slices.Sort(may)
		if !slices.Equal(asks[name], given) || !slices.Equal(asks[name], may) {
			t.Errorf("%s asks %v, is given %v and may reach %v", name, asks[name], given, may)
		}
	}
	if len(asks["gateway"]) != 4 {
		t.Errorf("the gateway asks %v", asks["gateway"])
	}
	for _, name := range processes {
		var want, may []string
		for caller, asked := range asks {
			if slices.Contains(asked, name) {
				want = append(want, caller)
			}
		}
		for _, i := range r["NetworkPolicy/tt-"+name].(*networkingv1.NetworkPolicy).Spec.Ingress {
			for _, from := range i.From {
				if from.PodSelector != nil {
					may = append(may, from.PodSelector.MatchLabels["app.kubernetes.io/name"])
				}
			}
		}
		slices.Sort(want)
		slices.Sort(may)
		if !slices.Equal(want, may) {
			t.Errorf("%s is asked by %v, and %v may reach it", name, want, may)
		}
	}
}

// TestWhoGoesOutside is who was told of something there, and every pod is held to a policy.
func TestWhoGoesOutside(t *testing.T) {
	for name, values := range variants() {
		if name == "little" {
			continue // without policies
		}
		r := render(t, values)
		policies := of[networkingv1.NetworkPolicy](r)
		for run, pod := range pods(r) {
			var own []*networkingv1.NetworkPolicy
			for _, p := range policies {
				if chooses(p.Spec.PodSelector.MatchLabels, pod.Labels) {
					own = append(own, p)
				}
			}
			if len(own) != 1 || len(own[0].Spec.PolicyTypes) != 2 {
				t.Errorf("%s, %s: %d policies", name, run, len(own))
				continue
			}
			var may []int
			names := false
			for _, e := range own[0].Spec.Egress {
				for _, p := range e.Ports {
					switch {
					case e.To[0].IPBlock != nil:
						may = append(may, p.Port.IntValue())
					case p.Port.IntValue() == 53:
						names = true
					}
				}
			}
			var want []int
			for _, to := range []struct {
				setting string
				port    int
			}{{"--database=", 5432}, {"--redis=", 6379}, {"--s3-endpoint=", 9000}, {"--trace-endpoint=", 4317}, {"--message-gateway=", 443}} {
				if slices.ContainsFunc(pod.Spec.Containers[0].Args, func(arg string) bool { return strings.HasPrefix(arg, to.setting) }) {
					want = append(want, to.port)
				}
			}
			if !slices.Equal(may, want) || !names {
				t.Errorf("%s, %s: it may go to the ports %v, and was told of %v; to whoever answers for names: %t", name, run, may, want, names)
			}
		}
	}
}

func chooses(selector, labels map[string]string) bool {
	for label, value := range selector {
		if labels[label] != value {
			return false
		}
	}
	return true
}

// TestTheAlertsAreThoseOfTheRepository: the chart has a copy, since a link to what is outside a chart is lost where links are not kept.
func TestTheAlertsAreThoseOfTheRepository(t *testing.T) {
	for _, file := range []string{"alerts.rules.yml", "recording.rules.yml"} {
		if of := "deploy/observe/prometheus/" + file; read(t, of) != read(t, "deploy/helm/throughtrain/rules/"+file) {
			t.Errorf("the chart has another %s: cp %s deploy/helm/throughtrain/rules/", file, of)
		}
	}
	r := render(t, everything())
	var want []any
	for _, file := range []string{"alerts", "recording"} {
		var groups struct{ Groups []any }
		if err := yaml.Unmarshal([]byte(read(t, "deploy/observe/prometheus/"+file+".rules.yml")), &groups); err != nil {
			t.Fatal(err)
		}
		want = append(want, groups.Groups...)
	}
	got := r["PrometheusRule/tt"].(*rules).Spec.Groups
	if text, _ := json.Marshal(got); len(got) < 2 || !reflect.DeepEqual(got, want) {
		t.Errorf("the chart's rules differ: %.400s", text)
	}
	m := r["ServiceMonitor/tt"].(*monitor)
	for _, s := range of[corev1.Service](r) {
		if s.Labels[m.Spec.JobLabel] != "throughtrain" { // the job that the alerts ask for
			t.Errorf("%s is scraped as %q", s.Name, s.Labels[m.Spec.JobLabel])
		}
		for label, value := range m.Spec.Selector.MatchLabels {
			if s.Labels[label] != value {
				t.Errorf("%s is not scraped", s.Name)
			}
		}
	}
}

// TestHelmFindsNothing lints the chart as helm lint --strict does.
func TestHelmFindsNothing(t *testing.T) {
	for name, values := range variants() {
		found := lint.AllWithKubeVersion(chart, values, "city", nil)
		for _, m := range found.Messages {
			if m.Severity > support.InfoSev {
				t.Errorf("%s: %v", name, m)
			}
		}
	}
}
