package session

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/gateway/internal/guard"
)

// The cookies. Under the prefixes a browser takes them over an encrypted connection only, and the access token from this very host only; names without them
// are for those who reach us in the clear by another machine's address, and are not read where the others can be.
//
// The refresh token goes to nothing but /web. Its path cannot be longer: a path of /web/session does not match /web/session:refresh.
const (
	accessName  = "tt_access"
	refreshName = "tt_refresh"
	accessPath  = "/"
	refreshPath = "/web"
)

// A browser drops a cookie of more than 4,096 bytes without a word. The token of somebody who speaks for many enterprises is longer, and takes several.
const (
	maxPart  = 3600
	maxParts = 3 // more than the longest token that is believed
)

// jar is the cookies of a request.
type jar struct {
	r      *http.Request
	secure bool
}

func (s *Sessions) jar(r *http.Request) jar {
	return jar{r, guard.OverTLS(r, s.o.Proxies) || toLoopback(r)}
}

// toLoopback tells requests to this machine's own address, which browsers trust like an encrypted connection.
func toLoopback(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// named is a cookie's name on this connection.
func (j jar) named(name, prefix string) string {
	if j.secure {
		return prefix + name
	}
	return name
}

// accessPart is the name of a part of the access token.
func (j jar) accessPart(i int) string {
	name := j.named(accessName, "__Host-")
	if i > 0 {
		name += "_" + strconv.Itoa(i)
	}
	return name
}

func (j jar) refreshName() string { return j.named(refreshName, "__Secure-") }

func (j jar) value(name string) string {
	if c, err := j.r.Cookie(name); err == nil {
		return c.Value
	}
	return ""
}

// access is the access token, empty without one.
func (j jar) access() string {
	var token strings.Builder
	for i := range maxParts {
		part := j.value(j.accessPart(i))
		if part == "" {
			break
		}
		token.WriteString(part)
	}
	return token.String()
}

// refresh is the refresh token, empty without one, and until when the session lives if nobody refreshes it.
func (j jar) refresh() (token string, until time.Time) {
	seconds, token, ok := strings.Cut(j.value(j.refreshName()), ".")
	at, err := strconv.ParseInt(seconds, 10, 64)
	if !ok || err != nil {
		return "", time.Time{}
	}
	return token, time.Unix(at, 0).UTC()
}

// keep puts both tokens into the jar for as long as the session lives. An access token that has expired by then says to whoever looks at it that it was
// there: its bearer is asked to refresh, and not to sign in as if nobody ever had.
func (j jar) keep(w http.ResponseWriter, access, refresh string, until time.Time) {
	life := int(time.Until(until).Seconds())
	for i := range maxParts {
		part := access[:min(maxPart, len(access))]
		access = access[len(part):]
		switch name := j.accessPart(i); {
		case part != "":
			j.set(w, name, part, accessPath, life)
		case j.value(name) != "":
			j.set(w, name, "", accessPath, -1)
		}
	}
	j.set(w, j.refreshName(), strconv.FormatInt(until.Unix(), 10)+"."+refresh, refreshPath, life)
}

// clear empties the jar.
func (j jar) clear(w http.ResponseWriter) {
	for i := range maxParts {
		if name := j.accessPart(i); i == 0 || j.value(name) != "" {
			j.set(w, name, "", accessPath, -1)
		}
	}
	j.set(w, j.refreshName(), "", refreshPath, -1)
}

func (j jar) set(w http.ResponseWriter, name, value, path string, life int) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: path, MaxAge: life, //nolint:gosec // not Secure only where no browser would keep it so
		Secure: j.secure, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}
