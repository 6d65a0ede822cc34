package main

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
)

// committed is the document in the tree, as the gateway serves it.
const committed = "../../../proto/gen/openapi/openapi.json"

func TestCommittedDocumentIsClean(t *testing.T) {
	data, err := os.ReadFile(committed)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("kin-openapi", func(t *testing.T) { checkWithKin(t, data) })
	t.Run("libopenapi", func(t *testing.T) { checkWithLibopenapi(t, data) })
	t.Run("parameters", func(t *testing.T) { checkParameters(t, data) })
	t.Run("operations", func(t *testing.T) { checkOperations(t, data) })
}

func checkWithKin(t *testing.T, data []byte) {
	document, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Validate(context.Background()); err != nil {
		t.Error(err)
	}
}

func checkWithLibopenapi(t *testing.T, data []byte) {
	document, err := libopenapi.NewDocument(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := document.BuildV3Model(); err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(document)
	for _, err := range errs {
		t.Fatal(err)
	}
	if ok, problems := v.ValidateDocument(); !ok {
		for _, problem := range problems {
			t.Error(problem.Error())
			for _, cause := range problem.SchemaValidationErrors {
				t.Errorf("  %s: %s", cause.KeywordLocation, cause.Reason)
			}
		}
	}
}

// checkParameters holds the paths to what both validators leave open: names as in the resource pattern, none left over.
func checkParameters(t *testing.T, data []byte) {
	document, err := decode(data)
	if err != nil {
		t.Fatal(err)
	}
	variable := regexp.MustCompile(`\{([^}]*)\}`)
	document.each(func(path, verb string, op *Operation) {
		var inPath, declared []string
		for _, match := range variable.FindAllStringSubmatch(path, -1) {
			inPath = append(inPath, match[1])
		}
		for _, p := range op.Parameters {
			if p.In == "path" {
				declared = append(declared, p.Name)
			}
		}
		if strings.Join(inPath, " ") != strings.Join(declared, " ") {
			t.Errorf("%s %s declares %v", verb, path, declared)
		}
		for _, name := range inPath {
			if name == "name" || name == "parent" || strings.ContainsAny(name, "._") {
				t.Errorf("%s %s: parameter %s is named after a field, not after the resource", verb, path, name)
			}
		}
	})
}

// checkOperations holds every operation to what clients rely on.
func checkOperations(t *testing.T, data []byte) {
	document, err := decode(data)
	if err != nil {
		t.Fatal(err)
	}
	document.each(func(path, verb string, op *Operation) {
		if op.Security == nil {
			t.Errorf("%s %s does not say who may call it", verb, path)
		}
		if op.Responses["default"] == nil || op.Responses["default"].Ref != "#/components/responses/Error" {
			t.Errorf("%s %s does not say how it fails", verb, path)
		}
		if op.Summary == "" || strings.Contains(op.Summary, "\n") {
			t.Errorf("%s %s has no summary of one line", verb, path)
		}
	})
}
