package standalone_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/throughtrain/throughtrain/proto/gen/openapi"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
)

const someID = "01a2050d-5107-7035-b009-a741f39396b7"

// TestEveryRouteIsServedAndListed compares what is served with what is said to be served, both ways.
func TestEveryRouteIsServedAndListed(t *testing.T) {
	b := boot(t, t.TempDir(), withDemo)
	listed := listedRoutes(t)
	for route := range listed {
		method, path, _ := strings.Cut(route, " ")
		path = strings.NewReplacer("{city}", "410900").Replace(path)
		path = regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, someID)
		if method == http.MethodHead { // says nothing but its status: that of somebody who has to sign in first
			if got := b.bytes("", method, path, nil); got.status != http.StatusUnauthorized {
				t.Errorf("%s is listed and answers %d", route, got.status)
			}
			continue
		}
		var body any
		if method != http.MethodGet {
			body = fields{}
		}
		switch status, answer := b.call("", method, path, body); {
		case answer.reason() == "ROUTE_NOT_FOUND", answer.reason() == "METHOD_NOT_ALLOWED", status >= 500:
			t.Errorf("%s is listed and answers %d %s", route, status, answer.reason())
		}
	}
	served := servedRoutes()
	if len(served) < 40 {
		t.Errorf("only %d routes in the contracts", len(served))
	}
	for route := range served {
		if !listed[route] {
			t.Errorf("%s is served and not listed", route)
		}
	}
	for _, path := range []string{"/openapi.json", "/healthz", "/.well-known/jwks.json"} {
		b.want("", http.MethodGet, path, nil)
	}
}

// listedRoutes is what the OpenAPI document describes.
func listedRoutes(t *testing.T) map[string]bool {
	t.Helper()
	var document struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(openapi.Document, &document); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for path, methods := range document.Paths {
		for method := range methods {
			out[strings.ToUpper(method)+" "+path] = true
		}
	}
	return out
}

// servedRoutes is what the linked contracts bind to HTTP, with parameters named after the resources they stand for.
func servedRoutes() map[string]bool {
	out := map[string]bool{}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				if !strings.HasPrefix(string(file.Package()), "throughtrain.") {
					continue
				}
				for _, route := range contentRoutes(methods.Get(j)) {
					out[route] = true
				}
				if !proto.HasExtension(methods.Get(j).Options(), annotations.E_Http) {
					continue
				}
				rule := proto.GetExtension(methods.Get(j).Options(), annotations.E_Http).(*annotations.HttpRule)
				if path := rule.GetGet(); path != "" {
					out["GET "+template(path)] = true
				}
				if path := rule.GetPost(); path != "" {
					out["POST "+template(path)] = true
				}
			}
		}
		return true
	})
	return out
}

// contentRoutes are those over which a method moves bytes.
func contentRoutes(m protoreflect.MethodDescriptor) []string {
	content, _ := proto.GetExtension(m.Options(), optionsv1.E_Content).(*optionsv1.Content)
	switch {
	case content.GetUpload() != "":
		return []string{"PATCH " + template(content.GetUpload()), "HEAD " + template(content.GetUpload())}
	case content.GetDownload() != "":
		return []string{"GET " + template(content.GetDownload()), "HEAD " + template(content.GetDownload())}
	}
	return nil
}

var collections = map[string]string{"attachments": "attachment", "cities": "city", "enterprises": "enterprise", "members": "member", "projects": "project", "proposals": "proposal",
	"persons": "person", "tickets": "ticket", "commonIssues": "commonIssue", "bindings": "binding", "officials": "official",
	"workOrders": "workOrder", "visits": "visit", "periods": "period", "cases": "case", "items": "item", "commitments": "commitment",
	"documents": "document", "notes": "note", "lineSystems": "lineSystem", "calendars": "calendar"}

// template turns {name=cities/*/tickets/*} into cities/{city}/tickets/{ticket}.
func template(path string) string {
	path = regexp.MustCompile(`\{\w+=([^}]*)\}`).ReplaceAllString(path, "$1")
	return regexp.MustCompile(`(\w+)/\*`).ReplaceAllStringFunc(path, func(part string) string {
		collection := strings.TrimSuffix(part, "/*")
		return collection + "/{" + collections[collection] + "}"
	})
}
