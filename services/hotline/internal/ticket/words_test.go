package ticket

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
)

func snapshot(tb testing.TB, t *Ticket) string {
	tb.Helper()
	b, err := json.Marshal(t)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// TestWordsAreTheContracts: numbers and words are those of the contract's enums, none missing and none beside.
func TestWordsAreTheContracts(t *testing.T) {
	enums := map[protoreflect.EnumDescriptor]func(int) string{
		hotlinev1.Ticket_State(0).Descriptor():              func(i int) string { return State(i).String() },
		hotlinev1.Ticket_CloseReason(0).Descriptor():        func(i int) string { return CloseReason(i).String() },
		hotlinev1.Ticket_Urgency(0).Descriptor():            func(i int) string { return Urgency(i).String() },
		hotlinev1.Clock_State(0).Descriptor():               func(i int) string { return ClockState(i).String() },
		hotlinev1.Answer_Outcome(0).Descriptor():            func(i int) string { return Outcome(i).String() },
		hotlinev1.Verification_Satisfaction(0).Descriptor(): func(i int) string { return Satisfaction(i).String() },
		hotlinev1.Message_Author(0).Descriptor():            func(i int) string { return Author(i).String() },
	}
	for enum, word := range enums {
		values := enum.Values()
		for i := 1; i < values.Len(); i++ {
			if v := values.Get(i); word(int(v.Number())) != string(v.Name()) {
				t.Errorf("%s: %d is %q here and %q in the contract", enum.FullName(), v.Number(), word(int(v.Number())), v.Name())
			}
		}
		if word(values.Len()) != "?" || word(0) != "" || word(-1) != "?" {
			t.Errorf("%s: a word beside the contract", enum.FullName())
		}
	}
	kinds := hotlinev1.Clock_Kind(0).Descriptor().Values()
	all := append(Kinds(), OrderKinds()...)
	if kinds.Len() != len(all)+1 {
		t.Fatalf("%d kinds of clock, %d in the contract", len(all), kinds.Len()-1)
	}
	for _, k := range all {
		if v := kinds.ByNumber(protoreflect.EnumNumber(k)); v == nil || k.String() != strings.ToLower(string(v.Name())) {
			t.Errorf("kind %d is %q here and %v in the contract", k, k, v)
		}
	}
}

// TestReasonsAreTheContracts: every fault of the package has a reason of the contract and both texts.
func TestReasonsAreTheContracts(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "faults.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); !ok || f.Sel.Name != "New" {
			return true
		}
		found++
		var words []string
		for _, arg := range call.Args[1:] {
			s, err := strconv.Unquote(arg.(*ast.BasicLit).Value)
			if err != nil || s == "" {
				t.Errorf("a text is empty")
			}
			words = append(words, s)
		}
		if hotlinev1.ErrorReason_value[words[0]] == 0 {
			t.Errorf("%s is no reason of the contract", words[0])
		}
		return true
	})
	if found < 20 {
		t.Errorf("only %d faults found", found)
	}
}
