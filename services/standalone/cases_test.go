package standalone_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/standalone"
)

// foreign opens a case of a foreign investor's plant, of which a municipal unit, swj, decides the first item.
func (b *booted) foreign(filer document) document {
	b.t.Helper()
	return b.want(filer.text("accessToken"), http.MethodPost, city+"/cases", fields{"title": "外资新材料项目", "enterprise": filer["enterprises"].([]any)[0],
		"counties": []string{"410902"}, "eligibility": "MUNICIPAL_APPROVAL", "contactName": "赵企业", "answers": fields{"type": "industrial", "land": "transferred",
			"investor": "foreign", "investmentFen": "500000000000", "floorArea": 12000}})
}

// TestATicketFromACase is raised over the wire: the hotline files it for the enterprise's own token, says where it comes from, and the case shows it, once.
func TestATicketFromACase(t *testing.T) {
	b := boot(t, t.TempDir(), withDemo)
	filer := b.as("entrepreneur")
	token := filer.text("accessToken")
	opened := b.foreign(filer)
	item := opened.text("name") + "/items/foreign-report"
	raise := func(said string) (int, document) {
		return b.call(token, http.MethodPost, "/v1/"+opened.text("name")+":raiseTicket", fields{"item": "foreign-report", "text": said, "requestId": "raise-1"})
	}
	status, raised := raise("请协调")
	if status != http.StatusOK || raised.text("reason") != "other" {
		t.Fatalf("raised: %d %v", status, raised)
	}
	if _, again := raise("请协调"); again.text("ticket") != raised.text("ticket") {
		t.Errorf("again: %v", again)
	}
	if status, other := raise("别的"); status != http.StatusConflict || other.reason() != "REQUEST_ID_REUSED" {
		t.Errorf("another under the same id: %d %v", status, other)
	}
	ticket := b.want(token, http.MethodGet, "/v1/"+raised.text("ticket"), nil)
	if ticket.text("source") != item || ticket.text("category") != "02" || ticket.text("channel") != "app" || ticket.text("number") != raised.text("number") ||
		ticket["membershipConfirmed"] != true || ticket.text("title") != "外商投资信息报告需要协调" || !strings.Contains(ticket.text("body"), opened.text("number")) {
		t.Errorf("filed: %v", ticket)
	}
	b.idle() // the hotline's feed has come round
	linked, _ := b.want(token, http.MethodGet, "/v1/"+opened.text("name"), nil)["tickets"].([]any)
	if len(linked) != 1 || document(linked[0].(map[string]any)).text("item") != "foreign-report" {
		t.Errorf("linked: %v", linked)
	}
}

// lineReport signs a message with nothing but a shell and openssl, and prints the body of the request.
const lineReport = `
line_report() { # KEYFILE SYSTEM JSON
  local head body file
  head=$(printf '{"alg":"EdDSA","kid":"%s"}' "$2" | openssl base64 -A | tr '+/' '-_' | tr -d '=')
  body=$(printf '%s' "$3" | openssl base64 -A | tr '+/' '-_' | tr -d '=')
  file=$(mktemp) && printf '%s.%s' "$head" "$body" >"$file"
  printf '{"jws":"%s.%s.%s"}' "$head" "$body" "$(openssl pkeyutl -sign -rawin -inkey "$1" -in "$file" | openssl base64 -A | tr '+/' '-_' | tr -d '=')"
  rm -f "$file"
}
`

// TestADepartmentsSystemSpeaksFromAShell: a key made by openssl is in the city's configuration, and what it signs is taken, once.
func TestADepartmentsSystemSpeaksFromAShell(t *testing.T) {
	for _, tool := range []string{"bash", "openssl", "tr", "mktemp"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s here", tool)
		}
	}
	key := filepath.Join(t.TempDir(), "key.pem")
	shell := func(script string, args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), "bash", append([]string{"-euc", script, "bash"}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	public := shell(`openssl genpkey -algorithm ed25519 -out "$1" && openssl pkey -in "$1" -pubout -outform DER | tail -c 32 | openssl base64 -A`, key)

	folder := filepath.Join(t.TempDir(), "410900")
	if err := os.CopyFS(folder, os.DirFS(puyang)); err != nil {
		t.Fatal(err)
	}
	rules := filepath.Join(folder, "agency.yaml")
	text, err := os.ReadFile(rules)
	if err != nil {
		t.Fatal(err)
	}
	systems := fmt.Sprintf("lineSystems:\n  - {code: swj-online, name: 商务审批系统, nameEn: Commerce, unit: swj, publicKey: %q}\n", public)
	if err := os.WriteFile(rules, []byte(strings.Replace(string(text), "lineSystems: []\n", systems, 1)), 0o600); err != nil {
		t.Fatal(err)
	}

	b := boot(t, t.TempDir(), withDemo, func(c *standalone.Config) { c.Cities = []string{folder} })
	filer := b.as("entrepreneur")
	opened := b.foreign(filer)
	item := "/v1/" + opened.text("name") + "/items/foreign-report"
	b.want(filer.text("accessToken"), http.MethodPost, item+":submit", fields{})
	now := time.Now().UTC().Format(time.RFC3339)
	message := func(id, text string) document {
		t.Helper()
		said := fmt.Sprintf(`{"id":%q,"sent":%q,"events":[{"caseNumber":%q,"item":"foreign-report","attempt":1,"sequence":"1","kind":"NOT_ACCEPTED","eventTime":%q,"text":%q}]}`,
			id, now, opened.text("number"), now, text)
		var body document
		if err := json.Unmarshal([]byte(shell(lineReport+`line_report "$1" swj-online "$2"`, key, said)), &body); err != nil {
			t.Fatal(err)
		}
		return body
	}
	report := message("m-1", "请到企业所在县区办理")
	for _, want := range []string{"APPLIED", "DUPLICATE"} {
		outcomes, _ := b.want("", http.MethodPost, city+"/lineSystems/swj-online:report", report)["outcomes"].([]any)
		if len(outcomes) != 1 || document(outcomes[0].(map[string]any)).text("state") != want {
			t.Errorf("became %v, want %s", outcomes, want)
		}
	}
	if got := b.want(filer.text("accessToken"), http.MethodGet, item, nil); got.text("state") != "NOT_ACCEPTED" || got.text("decisionText") != "请到企业所在县区办理" {
		t.Errorf("the item: %v", got)
	}
	tampered := document{"jws": report.text("jws")[:len(report.text("jws"))-8] + "AAAAAAAA"}
	if status, refused := b.call("", http.MethodPost, city+"/lineSystems/swj-online:report", tampered); status != http.StatusUnauthorized || refused.reason() != "SIGNATURE_INVALID" {
		t.Errorf("tampered: %d %v", status, refused)
	}
}
