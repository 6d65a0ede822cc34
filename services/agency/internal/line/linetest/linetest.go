// Package linetest signs messages as the departments' system of cataloguetest does, for tests.
//
// It depends on internal/catalogue/cataloguetest and the contract's messages.
package linetest

import (
	"encoding/base64"
	"fmt"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// Sign makes a system's signed message of one of the contract's.
func Sign(tb testing.TB, m proto.Message) string {
	tb.Helper()
	payload, err := protojson.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return JWS(Header("EdDSA", cataloguetest.System), payload, cataloguetest.Sign)
}

// Header is a header with an algorithm and a key id.
func Header(alg, kid string) string { return fmt.Sprintf(`{"alg":%q,"kid":%q}`, alg, kid) }

// JWS puts a message together.
func JWS(header string, payload []byte, sign func(message []byte) []byte) string {
	signed := Part([]byte(header)) + "." + Part(payload)
	return signed + "." + Part(sign([]byte(signed)))
}

// Part is a part of a message, as RFC 7515 spells it.
func Part(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
