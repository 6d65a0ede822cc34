package rpc

import (
	"context"
	"strconv"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// language is what the caller reads.
type language bool

const (
	chinese language = false
	english language = true
)

// languageOf is what the caller likes better of the two, as the gateway's own refusals understand it: Chinese unless English weighs more.
func languageOf(ctx context.Context) language {
	zh, en := -1.0, -1.0
	for _, header := range metadata.ValueFromIncomingContext(ctx, "accept-language") {
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

// English tells whether the caller likes it better than Chinese, for what else of the service speaks to people.
func English(ctx context.Context) bool { return languageOf(ctx) == english }

// qualityOf reads ";q=0.8"; whoever weighs nothing, or cannot be understood, means it wholly.
func qualityOf(parameters string) float64 {
	if weight, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
		if q, err := strconv.ParseFloat(weight, 64); err == nil {
			return q
		}
	}
	return 1
}

// of picks the caller's text; English is missing where a city did not give it.
func (l language) of(zh, en string) string {
	if l == english && en != "" {
		return en
	}
	return zh
}

func (l language) text(t fault.Text) string { return l.of(t.Zh, t.En) }
