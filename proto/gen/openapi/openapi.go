// Package openapi carries the OpenAPI document of the public API, made by scripts/gen from the contracts. This file is the
// only one here written by hand. It depends on nothing.
package openapi

import _ "embed"

// Document is the document as JSON, to be served as it is and not to be changed.
//
//go:embed openapi.json
var Document []byte
