package agency_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

var (
	newFault = regexp.MustCompile(`fault\.New\(`)
	reasoned = regexp.MustCompile(`fault\.New\(fault\.\w+,\s*(?:"([A-Z_]+)"|agencyv1\.ErrorReason_([A-Z_]+)\.String\(\)),\s*"[^"]+",\s*"[^"]+"\)`)
)

// Every refusal has a reason of the contract, and a text in both languages.
func TestReasonsAreTheContracts(t *testing.T) {
	known := func(reason string) {
		if agencyv1.ErrorReason_value[reason] == 0 {
			t.Errorf("the contract does not know %s", reason)
		}
	}
	found := 0
	err := fs.WalkDir(os.DirFS("internal"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile("internal/" + path)
		if err != nil {
			return err
		}
		all := reasoned.FindAllStringSubmatch(string(source), -1)
		if said := len(newFault.FindAllIndex(source, -1)); said != len(all) {
			t.Errorf("%s: %d refusals, of which %d name a reason and both texts", path, said, len(all))
		}
		for _, m := range all {
			known(m[1] + m[2])
			found++
		}
		return nil
	})
	if err != nil || found < 80 {
		t.Errorf("%d refusals were found, %v", found, err)
	}
	for _, ofKit := range []string{"PHONE_INVALID", "NUMBER_INVALID", "PERIOD_INVALID", "TOO_BUSY"} { // which kit says for it
		known(ofKit)
	}
	for _, f := range upload.Faults() {
		known(f.Reason)
	}
}

// contractMethods are all of the agency's contract.
func contractMethods() (all []protoreflect.MethodDescriptor) {
	protoregistry.GlobalFiles.RangeFilesByPackage("throughtrain.agency.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			for j := range file.Services().Get(i).Methods().Len() {
				all = append(all, file.Services().Get(i).Methods().Get(j))
			}
		}
		return true
	})
	return all
}

func TestEveryMethodSaysWhoMayCallIt(t *testing.T) {
	for _, m := range contractMethods() {
		rule, _ := proto.GetExtension(m.Options(), optionsv1.E_Rule).(*optionsv1.Rule)
		if !rule.GetPublic() && !rule.GetPerson() && len(rule.GetRoles()) == 0 && len(rule.GetServices()) == 0 {
			t.Errorf("%s has no rule", m.FullName())
		}
	}
}
