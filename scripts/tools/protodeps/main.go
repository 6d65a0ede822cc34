// Command protodeps prints the .proto files of others that our contracts import.
//
// It prints them from the descriptors inside the Go modules we link, so that what buf compiles against and what our
// binaries carry cannot differ, and nothing is copied by hand or fetched from a registry. It belongs to the workspace
// for that reason only: there it links the versions everybody else links.
//
// It depends on the modules it prints and on a printer, on nothing of ours.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	_ "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"github.com/jhump/protoreflect/v2/protoprint"
	_ "google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// roots are the files our contracts import; whatever these import is printed as well.
var roots = []string{
	"buf/validate/validate.proto",
	"google/api/annotations.proto",
	"google/api/field_behavior.proto",
	"google/api/resource.proto",
}

// header opens every printed file. All the roots are published under one licence; a root under another one needs its own line.
const header = "// Printed by scripts/tools/protodeps from the Go module that carries it; do not edit.\n" +
	"// Licensed by its authors under the Apache License 2.0.\n"

// builtin is the folder of the files that every protobuf compiler brings itself.
const builtin = "google/protobuf/"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: protodeps FOLDER")
		os.Exit(2)
	}
	if err := printAll(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "protodeps:", err)
		os.Exit(1)
	}
}

// printAll writes the roots and everything they import below folder.
func printAll(folder string) error {
	printed := map[string]bool{}
	var visit func(name string) error
	visit = func(name string) error {
		if printed[name] || strings.HasPrefix(name, builtin) {
			return nil
		}
		printed[name] = true
		file, err := protoregistry.GlobalFiles.FindFileByPath(name)
		if err != nil {
			return fmt.Errorf("%s is in no linked module: %w", name, err)
		}
		imports := file.Imports()
		for i := range imports.Len() {
			if err := visit(imports.Get(i).Path()); err != nil {
				return err
			}
		}
		return printFile(folder, file)
	}
	for _, root := range roots {
		if err := visit(root); err != nil {
			return err
		}
	}
	return nil
}

// printFile writes one file at its import path below folder.
func printFile(folder string, file protoreflect.FileDescriptor) error {
	printer := protoprint.Printer{Compact: true}
	text, err := printer.PrintProtoToString(file)
	if err != nil {
		return fmt.Errorf("print %s: %w", file.Path(), err)
	}
	to := filepath.Join(folder, filepath.FromSlash(file.Path()))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, []byte(header+text), 0o644)
}
