// Package page makes and reads page tokens for keyset paging. A token holds the keys of the last row shown and is bound to
// the query it came from, so that it cannot be carried over to another filter, order or parent. It is not a secret and needs
// no key: whoever forges one only chooses where in their own list to go on, and the keys are parameters of the statement like
// any other. It depends on kit's fault only.
package page

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// The faults of this package.
var (
	ErrToken = fault.New(fault.Invalid, "PAGE_TOKEN_INVALID",
		"翻页标记无效或不属于当前查询，请从第一页重新查询。",
		"The page token is not valid for this query. Start again from the first page.").
		Field("pageToken", "page_token", "翻页标记无效", "is not valid for this query")
	ErrSize = fault.New(fault.Invalid, "PAGE_SIZE_INVALID",
		"每页条数不能为负数，请修改后重试。", "The page size must not be negative. Change it and try again.").
		Field("pageSize", "page_size", "不能为负数", "must not be negative")
)

// Size is how many rows a page has: the default when none is asked for, never more than the maximum.
func Size(asked int32, byDefault, maximum int) (int, error) {
	switch {
	case asked < 0:
		return 0, ErrSize
	case asked == 0:
		return byDefault, nil
	default:
		return min(int(asked), maximum), nil
	}
}

// Query is what a token is bound to: all that decides which rows there are and in which order, the page size apart.
type Query struct {
	Parent string
	Filter string
	Order  string
	// View is for what else a list depends on, such as who looks at it, when two viewers' lists differ.
	View string
}

// Key is one value of a keyset: string, int64, bool or time.Time (kept to the microsecond).
type Key any

const (
	version   = 1
	sumSize   = 8
	maxToken  = 2048
	maxKeys   = 16
	headBytes = 1 + sumSize
)

// The kinds of key in a token.
const (
	kindString = 's'
	kindInt    = 'i'
	kindFalse  = 'f'
	kindTrue   = 't'
	kindTime   = 'm'
)

// Token makes the token that goes on after the row with these keys. It panics on a type that is no Key or on more than a
// token holds: both are mistakes of the program, not of a request.
func Token(q Query, keys ...Key) string {
	if len(keys) == 0 || len(keys) > maxKeys {
		panic(fmt.Sprintf("page: %d keys", len(keys)))
	}
	raw := make([]byte, headBytes, 64)
	raw[0] = version
	for _, key := range keys {
		switch k := key.(type) {
		case string:
			raw = binary.AppendUvarint(append(raw, kindString), uint64(len(k)))
			raw = append(raw, k...)
		case int64:
			raw = binary.AppendVarint(append(raw, kindInt), k)
		case bool:
			raw = append(raw, kindOf(k))
		case time.Time:
			raw = binary.AppendVarint(append(raw, kindTime), k.UnixMicro())
		default:
			panic(fmt.Sprintf("page: a %T cannot be a key", key))
		}
	}
	sum := bind(q, raw[headBytes:])
	copy(raw[1:], sum[:sumSize])
	token := base64.RawURLEncoding.EncodeToString(raw)
	if len(token) > maxToken {
		panic(fmt.Sprintf("page: a token of %d bytes", len(token)))
	}
	return token
}

func kindOf(b bool) byte {
	if b {
		return kindTrue
	}
	return kindFalse
}

// bind hashes the query with the keys. Each part is preceded by its length, so that no two queries read alike.
func bind(q Query, keys []byte) [sha256.Size]byte {
	var in []byte
	for _, part := range []string{q.Parent, q.Filter, q.Order, q.View, string(keys)} {
		in = binary.AppendUvarint(in, uint64(len(part)))
		in = append(in, part...)
	}
	return sha256.Sum256(in)
}

// Keys reads a token made for the same query. The kinds of the keys are those of the examples, in order; an order's columns
// are known to the program, so a token with others is not ours. The result is nil for an empty token: the first page.
func Keys(token string, q Query, like ...Key) ([]Key, error) {
	if token == "" {
		return nil, nil
	}
	if len(token) > maxToken {
		return nil, ErrToken
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) < headBytes || raw[0] != version {
		return nil, ErrToken
	}
	sum := bind(q, raw[headBytes:])
	if string(sum[:sumSize]) != string(raw[1:headBytes]) {
		return nil, ErrToken
	}
	rest := raw[headBytes:]
	keys := make([]Key, 0, len(like))
	for _, example := range like {
		var key Key
		if key, rest = read(rest, example); key == nil {
			return nil, ErrToken
		}
		keys = append(keys, key)
	}
	if len(rest) > 0 {
		return nil, ErrToken
	}
	return keys, nil
}

// read takes one key of the example's type from the front; nil when there is none.
func read(raw []byte, example Key) (Key, []byte) {
	if len(raw) == 0 {
		return nil, nil
	}
	kind, raw := raw[0], raw[1:]
	switch example.(type) {
	case string:
		length, n := binary.Uvarint(raw)
		if kind != kindString || n <= 0 || length > uint64(len(raw)-n) {
			return nil, nil
		}
		end := n + int(length)
		return string(raw[n:end]), raw[end:]
	case int64, time.Time:
		value, n := binary.Varint(raw)
		if n <= 0 {
			return nil, nil
		}
		if _, isTime := example.(time.Time); isTime && kind == kindTime {
			return time.UnixMicro(value).UTC(), raw[n:]
		} else if !isTime && kind == kindInt {
			return value, raw[n:]
		}
	case bool:
		if kind == kindTrue || kind == kindFalse {
			return kind == kindTrue, raw
		}
	}
	return nil, nil
}
