// Package language tells which of the two languages somebody is spoken to in: Chinese, unless they like English better. Every service and the gateway
// understand the choice alike.
//
// It depends on kit's fault and on grpc's metadata.
package language

import (
	"context"
	"strconv"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// Language is what somebody reads.
type Language bool

// The two languages.
const (
	Chinese Language = false
	English Language = true
)

// Of is what the caller likes better.
func Of(ctx context.Context) Language {
	return Preferred(metadata.ValueFromIncomingContext(ctx, "accept-language")...)
}

// Preferred reads the headers Accept-Language of a request: Chinese unless English weighs more.
func Preferred(headers ...string) Language {
	zh, en := -1.0, -1.0
	for _, header := range headers {
		for choice := range strings.SplitSeq(header, ",") {
			tag, parameters, _ := strings.Cut(strings.TrimSpace(choice), ";")
			switch base, _, _ := strings.Cut(strings.ToLower(tag), "-"); base {
			case "zh":
				zh = max(zh, qualityOf(parameters))
			case "en":
				en = max(en, qualityOf(parameters))
			}
		}
	}
	return en > zh
}

// qualityOf reads ";q=0.8"; whoever weighs nothing, or cannot be understood, means it wholly.
func qualityOf(parameters string) float64 {
	if weight, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
		if q, err := strconv.ParseFloat(weight, 64); err == nil {
			return q
		}
	}
	return 1
}

// Pick is the text in this language; the Chinese one where a city gave no other.
func (l Language) Pick(zh, en string) string {
	if l == English && en != "" {
		return en
	}
	return zh
}

// Say is Pick of a text that has both.
func (l Language) Say(t fault.Text) string { return l.Pick(t.Zh, t.En) }
