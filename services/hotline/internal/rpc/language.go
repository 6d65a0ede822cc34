package rpc

import (
	"context"
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

// languageOf is the caller's first choice between the two; Chinese when they said nothing.
func languageOf(ctx context.Context) language {
	for _, header := range metadata.ValueFromIncomingContext(ctx, "accept-language") {
		for choice := range strings.SplitSeq(header, ",") {
			tag, _, _ := strings.Cut(strings.TrimSpace(choice), ";")
			switch base, _, _ := strings.Cut(strings.ToLower(tag), "-"); base {
			case "en":
				return english
			case "zh":
				return chinese
			}
		}
	}
	return chinese
}

// of picks the caller's text; English is missing where a city did not give it.
func (l language) of(zh, en string) string {
	if l == english && en != "" {
		return en
	}
	return zh
}

func (l language) text(t fault.Text) string { return l.of(t.Zh, t.En) }
