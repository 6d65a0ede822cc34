// Command openapi makes one OpenAPI 3.1 document of those the generator writes, one per proto file, and completes it with
// what the generator cannot know: readable path parameters, who may call what, how errors look, which headers count, and
// the limits of every field.
//
// The facts come from the descriptors of the contracts (a buf image): HTTP rules, resource patterns, role rules, validation
// rules and comments. The shape of schemas and operations stays the generator's. Output is the same for the same input.
//
// It depends on the Go code generated from the options contract, on nothing else of ours, and is outside the workspace
// because its tests bring two validators along.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

func main() {
	image := flag.String("image", "", "the contracts as a buf image, with source information")
	documents := flag.String("documents", "", "folder of the generated documents (*.openapi.json)")
	out := flag.String("out", "", "file to write")
	flag.Parse()
	if *image == "" || *documents == "" || *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*image, *documents, *out); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

func run(image, folder, out string) error {
	data, err := os.ReadFile(image)
	if err != nil {
		return err
	}
	contracts, err := readContracts(data)
	if err != nil {
		return fmt.Errorf("%s: %w", image, err)
	}
	parts, err := readDocuments(folder)
	if err != nil {
		return err
	}
	document, err := build(contracts, parts)
	if err != nil {
		return err
	}
	text, err := encode(document)
	if err != nil {
		return err
	}
	return os.WriteFile(out, text, 0o644)
}

// build is the whole way from the generator's documents to ours.
func build(c *contracts, parts []*Document) (*Document, error) {
	document, err := join(c, parts)
	if err != nil {
		return nil, err
	}
	addLimits(c, document)
	if err := addContents(c, document); err != nil {
		return nil, err
	}
	if err := addHeaders(c, document); err != nil {
		return nil, err
	}
	addStreams(c, document)
	addSecurity(c, document)
	nameHeads(c, document)
	addErrors(c, document)
	describeEnums(c, document)
	return document, nil
}

// readDocuments reads every generated document below folder, in the order of their paths.
func readDocuments(folder string) ([]*Document, error) {
	var parts []*Document
	files := os.DirFS(folder)
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".openapi.json") {
			return err
		}
		data, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		part, err := decode(data)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		parts = append(parts, part)
		return nil
	})
	return parts, err
}

// decode refuses what our model of a document does not hold, so that nothing the generator says is dropped unseen.
func decode(data []byte) (*Document, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	document := new(Document)
	return document, decoder.Decode(document)
}

func encode(document *Document) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}
