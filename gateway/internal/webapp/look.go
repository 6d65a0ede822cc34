package webapp

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/throughtrain/throughtrain/services/kit/language"
)

// lookCookie holds what the reader chose.
const lookCookie = "tt_ui"

// look is how the page is shown.
type look struct{ lang, theme, size string }

var (
	langs  = []string{"zh-CN", "en"}
	themes = []string{"auto", "light", "dark"}
	sizes  = []string{"standard", "large", "xlarge", "huge"}
)

// tag is how a look is written into the page.
func (l look) tag() []byte {
	return []byte(`<html lang="` + l.lang + `" data-theme="` + l.theme + `" data-size="` + l.size + `">`)
}

// template is the look of the page as it is built.
var template = look{langs[0], themes[0], sizes[0]}

var errNoLook = errors.New("it does not have " + string(template.tag()) + " exactly once")

// pagesOf is the page in every look.
func pagesOf(page []byte) (map[look]*content, error) {
	if bytes.Count(page, template.tag()) != 1 {
		return nil, errNoLook
	}
	pages := map[look]*content{}
	for _, lang := range langs {
		for _, theme := range themes {
			for _, size := range sizes {
				l := look{lang, theme, size}
				pages[l] = newContent(bytes.Replace(page, template.tag(), l.tag(), 1))
			}
		}
	}
	return pages, nil
}

// lookOf is the look that a reader chose, as far as they did.
func lookOf(r *http.Request) look {
	l := template
	if language.Preferred(r.Header.Values("Accept-Language")...) == language.English {
		l.lang = "en"
	}
	cookie, err := r.Cookie(lookCookie)
	if err != nil {
		return l
	}
	for word := range strings.SplitSeq(cookie.Value, "&") {
		name, value, _ := strings.Cut(word, "=")
		switch {
		case name == "lang" && slices.Contains(langs, value):
			l.lang = value
		case name == "theme" && slices.Contains(themes, value):
			l.theme = value
		case name == "size" && slices.Contains(sizes, value):
			l.size = value
		}
	}
	return l
}
