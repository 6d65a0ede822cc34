package main

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

var update = flag.Bool("update", false, "write what the trial gives as what it should give")

// The trial folder has contracts, what the generator made of them, and what we make of that.
const (
	trial  = "testdata/trial"
	golden = "testdata/trial.json"
)

func TestTrial(t *testing.T) {
	text := buildTrial(t)
	if *update {
		if err := os.WriteFile(golden, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(text)); diff != "" {
		t.Errorf("go test -update accepts this (-want +got):\n%s", diff)
	}
	if again := buildTrial(t); string(again) != string(text) {
		t.Error("a second run writes something else")
	}
	checkWithKin(t, text)
	checkWithLibopenapi(t, text)
	checkOperations(t, text)
}

func buildTrial(t *testing.T) []byte {
	t.Helper()
	c, err := readContracts(compile(t, nil, "trial/desk.proto", "trial/list.proto"))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := readDocuments(trial)
	if err != nil {
		t.Fatal(err)
	}
	document, err := build(c, parts)
	if err != nil {
		t.Fatal(err)
	}
	text, err := encode(document)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// compile makes an image of trial contracts, from disk or from the sources given.
func compile(t *testing.T, sources map[string]string, names ...string) []byte {
	t.Helper()
	resolver := protocompile.CompositeResolver{
		&protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(sources)},
		&protocompile.SourceResolver{ImportPaths: []string{"testdata", "../../../proto/api", "../../../proto/third_party"}},
	}
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(resolver),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	files, err := compiler.Compile(context.Background(), names...)
	if err != nil {
		t.Fatal(err)
	}
	set := new(descriptorpb.FileDescriptorSet)
	seen := map[string]bool{}
	var add func(file protoreflect.FileDescriptor)
	add = func(file protoreflect.FileDescriptor) {
		if seen[file.Path()] {
			return
		}
		seen[file.Path()] = true
		for i := range file.Imports().Len() {
			add(file.Imports().Get(i).FileDescriptor)
		}
		set.File = append(set.File, protodesc.ToFileDescriptorProto(file))
	}
	for _, file := range files {
		add(file)
	}
	image, err := proto.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// TestRefusals has contracts and documents that do not go together; each must be refused with a word that helps.
func TestRefusals(t *testing.T) {
	const (
		head = `syntax = "proto3"; package bad; import "google/api/annotations.proto"; import "google/api/resource.proto";
import "throughtrain/options/v1/options.proto"; message M { string name = 1; string other = 2; } `
		public = `option (throughtrain.options.v1.rule) = {public: true};`
	)
	rpc := func(service, name, path string) string {
		return `service ` + service + ` { rpc ` + name + `(M) returns (M) { option (google.api.http) = {get: "` + path + `"}; ` + public + ` } } `
	}
	document := func(ids ...string) string {
		var paths []string
		for _, id := range ids {
			paths = append(paths, `"/`+id+`": {"get": {"operationId": "`+id+`", "responses": {}}}`)
		}
		return `{"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {` + strings.Join(paths, ", ") + `}}`
	}
	for name, test := range map[string]struct{ source, document, want string }{
		"no rule": {
			`service S { rpc Get(M) returns (M) { option (google.api.http) = {get: "/v1/x"}; } }`, document(), "bad.S.Get: has no rule",
		},
		"one path twice": {
			rpc("A", "Get", "/v1/{name=cities/*}") + rpc("B", "Get", "/v1/{other=cities/*}"), document("A_Get", "B_Get"), "both answer GET /v1/cities/{city}",
		},
		"one id twice": {
			rpc("S_Get", "All", "/v1/x") + rpc("S", "Get_All", "/v1/y"), document(), "shares the operation id S_Get_All with bad.S_Get.All",
		},
		"one shape with two names": {
			rpc("S", "Get", "/v1/x") + `message O { option (google.api.resource) = {type: "x/O" pattern: "cities/{city}"}; } ` +
				`message P { option (google.api.resource) = {type: "x/P" pattern: "cities/{town}"}; }`, document(), "names the variables of cities/* differently",
		},
		"one name twice in a path": {
			rpc("S", "Get", "/v1/{name=parts/*/parts/*}"), document("S_Get"), "gives two parameters the name part",
		},
		"unknown field": {rpc("S", "Get", "/v1/{nobody}"), document("S_Get"), "the request has no field nobody"},
		"open brace":    {rpc("S", "Get", "/v1/{name"), document("S_Get"), "open brace"},
		"request ids of two lengths": {
			`import "buf/validate/validate.proto"; message A { string request_id = 1 [(buf.validate.field).string.max_len = 8]; } ` +
				`message B { string request_id = 1 [(buf.validate.field).string.max_len = 9]; } ` +
				`service S { rpc One(A) returns (M) { option (google.api.http) = {post: "/v1/a"}; ` + public + ` } ` +
				`rpc Two(B) returns (M) { option (google.api.http) = {post: "/v1/b"}; ` + public + ` } }`,
			strings.ReplaceAll(document("S_One", "S_Two"), `"get"`, `"post"`), "bad.S.Two limits request_id in its own way",
		},
		"unknown operation": {
			rpc("S", "Get", "/v1/x"), document("S_Put"), "the contracts have no GET /S_Put (S_Put)",
		},
		"unknown keyword": {
			rpc("S", "Get", "/v1/x"), `{"openapi": "3.1.0", "paths": {}, "components": {"schemas": {"bad.M": {"novelty": 1}}}}`, `unknown field "novelty"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			image := compile(t, map[string]string{"bad.proto": head + test.source}, "bad.proto")
			err := refuse(image, test.document)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

func refuse(image []byte, document string) error {
	c, err := readContracts(image)
	if err != nil {
		return err
	}
	part, err := decode([]byte(document))
	if err != nil {
		return err
	}
	_, err = build(c, []*Document{part})
	return err
}

func TestSingular(t *testing.T) {
	for plural, want := range map[string]string{
		"cities": "city", "tickets": "ticket", "enterprises": "enterprise", "persons": "person", "processes": "process", "branches": "branch",
		"boxes": "box", "dishes": "dish", "staff": "staff",
	} {
		if got := singular(plural); got != want {
			t.Errorf("%s: got %s, want %s", plural, got, want)
		}
	}
}

func TestSplitOutsideClasses(t *testing.T) {
	got := splitOutsideClasses("cities/[0-9]{6}/tickets/[^/]+")
	if diff := cmp.Diff([]string{"cities", "[0-9]{6}", "tickets", "[^/]+"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSentences(t *testing.T) {
	for text, want := range map[string][2]string{
		"":                                    {"", ""},
		"Get returns one.":                    {"Get returns one", ""},
		"Get returns one. Never two.":         {"Get returns one", "Never two."},
		"Get returns one.\nErrors: NOT_FOUND": {"Get returns one", "Errors: NOT_FOUND"},
		"Get returns one. Never two.\nErrors: NOT_FOUND": {"Get returns one", "Never two.\n\nErrors: NOT_FOUND"},
	} {
		first, rest := sentences(text)
		if diff := cmp.Diff(want, [2]string{first, rest}); diff != "" {
			t.Errorf("%q:\n%s", text, diff)
		}
	}
}
