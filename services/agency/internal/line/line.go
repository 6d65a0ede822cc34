// Package line reads the signed messages by which departments' own systems speak to the agency, and believes them only when everything about them holds.
//
// A message is a compact JWS (RFC 7515): its algorithm is EdDSA and no other, its key id is the system's code, and it is signed with the one Ed25519 key that the
// city's configuration names for that system. Whatever else a header could say, a key brought along, an extension, a critical one, is refused: there is
// nothing to negotiate. The payload is a message of the contract in JSON; a field that the contract does not have is refused, so that nothing is signed and
// then overlooked, and so that a message of one kind can never stand in for one of another. It is good for five minutes around the time at which it says it was sent, by
// the wall clock: older ones are somebody else's copies.
//
// The package is pure: it reads no clock and no database. What the reports do to cases is the desk's business. It depends on internal/catalogue, the contract's
// messages, golang-jwt for the signature and kit/fault.
package line

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

const (
	// Window is how far from the wall clock a message may have been sent.
	Window = 5 * time.Minute
	// MaxBytes bounds a message as it is sent, as the contract does.
	MaxBytes = 1 << 20
)

// Why a message is not believed.
var (
	ErrSignature = fault.New(fault.Unauthenticated, agencyv1.ErrorReason_SIGNATURE_INVALID.String(),
		"报文签名无效，请核对系统代码、签名算法（EdDSA）和密钥。",
		"The message is not signed as it must be. Check the system's code, the algorithm (EdDSA) and the key.")
	ErrStale = fault.New(fault.Precondition, agencyv1.ErrorReason_MESSAGE_STALE.String(),
		"报文的发送时间与当前时间相差超过 5 分钟，请校准系统时钟后重新签名发送。",
		"The message was sent more than five minutes from now. Set the system's clock, sign anew and send it again.")
	ErrInvalid = fault.New(fault.Invalid, agencyv1.ErrorReason_MESSAGE_INVALID.String(),
		"报文内容不符合接口规范，请按规范修改后重新发送。",
		"The message is not as the contract has it. Correct it and send it again.")
)

// Report returns what a system reports in a message that it signed.
func Report(by catalogue.LineSystem, jws string, wall time.Time) (*agencyv1.LineReportMessage, error) {
	m := &agencyv1.LineReportMessage{}
	if err := open(by, jws, m); err != nil {
		return nil, err
	}
	if err := sentWithin(m.GetSent(), wall); err != nil {
		return nil, err
	}
	return m, soundReport(m)
}

// Pull returns what a system asks for in a message that it signed.
func Pull(by catalogue.LineSystem, jws string, wall time.Time) (*agencyv1.LinePullMessage, error) {
	m := &agencyv1.LinePullMessage{}
	if err := open(by, jws, m); err != nil {
		return nil, err
	}
	if err := sentWithin(m.GetSent(), wall); err != nil {
		return nil, err
	}
	return m, soundPull(m)
}

// open verifies a message and reads its payload. Nothing of the payload is looked at before the signature holds.
func open(by catalogue.LineSystem, jws string, into proto.Message) error {
	payload, err := verified(by, jws)
	if err != nil {
		return ErrSignature.Wrap(err)
	}
	if err := protojson.Unmarshal(payload, into); err != nil {
		return ErrInvalid.Wrap(err)
	}
	if path := withNUL(into.ProtoReflect()); path != "" {
		return invalid(path, "含有空字符", "holds the character U+0000")
	}
	return nil
}

// decoder takes base64url as RFC 7515 has it: without padding, and with one spelling for the same bytes.
var decoder = jwt.NewParser(jwt.WithStrictDecoding())

// verified returns the payload of a message that the system signed.
func verified(by catalogue.LineSystem, jws string) ([]byte, error) {
	switch {
	case len(jws) > MaxBytes:
		return nil, fmt.Errorf("%d bytes long", len(jws))
	case strings.ContainsAny(jws, "\r\n"): // which the decoder would pass over
		return nil, errors.New("line ends in it")
	}
	parts := strings.Split(jws, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("%d parts", len(parts))
	}
	if err := header(by, parts[0]); err != nil {
		return nil, err
	}
	signature, err := decoder.DecodeSegment(parts[2])
	if err != nil {
		return nil, fmt.Errorf("signature: %w", err)
	}
	if err := jwt.SigningMethodEdDSA.Verify(parts[0]+"."+parts[1], signature, ed25519.PublicKey(by.PublicKey)); err != nil {
		return nil, err
	}
	return decoder.DecodeSegment(parts[1])
}

// header refuses everything that could lead a verifier astray: another algorithm, another key than the system's, a key brought along or pointed to, and
// extensions. A type says nothing here and is not looked at; libraries add one unasked.
func header(by catalogue.LineSystem, part string) error {
	raw, err := decoder.DecodeSegment(part)
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	var said map[string]any
	if err := json.Unmarshal(raw, &said); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	for name := range said {
		switch name {
		case "alg", "kid", "typ":
		default:
			return fmt.Errorf("header %.40q is not allowed", name)
		}
	}
	if said["alg"] != jwt.SigningMethodEdDSA.Alg() {
		return fmt.Errorf("algorithm %.40q is not allowed", fmt.Sprint(said["alg"]))
	}
	if by.Code == "" || said["kid"] != by.Code {
		return fmt.Errorf("key %.40q is not that of system %.40q", fmt.Sprint(said["kid"]), by.Code)
	}
	return nil
}

// sentWithin refuses what was sent long before now, or after.
func sentWithin(sent *timestamppb.Timestamp, wall time.Time) error {
	if !sent.IsValid() {
		return invalid("sent", "须填写发送时间", "must say when it was sent")
	}
	if off := wall.Sub(sent.AsTime()).Abs(); off > Window {
		return ErrStale.With("sent", sent.AsTime().Format(time.RFC3339)).Wrap(fmt.Errorf("%s from now", off.Round(time.Second)))
	}
	return nil
}

// invalid blames one field of a message.
func invalid(path, zh, en string) error { return ErrInvalid.Field(path, "line.message", zh, en) }
