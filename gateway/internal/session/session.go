// Package session keeps the sign-ins of browsers in cookies that no script can read. Tokens go no further than this package: a browser is told who it is,
// never by what. Whoever sends a bearer token of their own has nothing to do with it.
//
//	POST /web/session:signInWithCode      {city, challenge, code}
//	POST /web/session:signInWithPassword  {city, login, password}
//	POST /web/session:demoSignIn          {persona}, in a demonstration
//	POST /web/session:refresh             {}
//	POST /web/session:signOut             {everywhere}
//	GET  /web/session
//
// All but signOut, which answers {}, answer with who is signed in (see Who); GET where nobody ever signed in answers 204. Those that POST want the header X-Requested-With: through-train, and so does
// everything unsafe under /v1 that is sent with the cookie: no other site's page can send it without asking first, and nobody answers when it asks.
//
// What an answer of 401 means for the app, here and under /v1, is in its reason: TOKEN_EXPIRED, refresh and try again; REFRESH_INVALID, SESSION_REVOKED and
// TOKEN_INVALID, the session is over; TOKEN_MISSING, nobody is signed in. Refreshing is nobody's business but the app's: a refresh token works once, and
// one used twice ends the session, so one tab refreshes for all, under a lock.
//
// It depends on the directory's contract, on guard, onward, problem and rest, and on kit's authn and fault.
package session

import (
	"context"
	"net"
	"net/http"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/throughtrain/throughtrain/gateway/internal/guard"
	"github.com/throughtrain/throughtrain/gateway/internal/onward"
	"github.com/throughtrain/throughtrain/gateway/internal/problem"
	"github.com/throughtrain/throughtrain/gateway/internal/rest"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
)

// Options are what an operator may choose.
type Options struct {
	Demo    bool         // serve the demonstration's sign-in
	Proxies []*net.IPNet // whose X-Forwarded-For and X-Forwarded-Proto are believed
}

// Sessions are the sign-ins of browsers. The cookies hold them; nothing is kept here.
type Sessions struct {
	o        Options
	sessions directoryv1.SessionServiceClient
	demo     directoryv1.DemoServiceClient
	persons  directoryv1.PersonServiceClient
	cities   directoryv1.CityServiceClient
}

// New makes sessions that the directory opens and ends.
func New(directory grpc.ClientConnInterface, o Options) *Sessions {
	return &Sessions{o: o,
		sessions: directoryv1.NewSessionServiceClient(directory),
		demo:     directoryv1.NewDemoServiceClient(directory),
		persons:  directoryv1.NewPersonServiceClient(directory),
		cities:   directoryv1.NewCityServiceClient(directory),
	}
}

// Register adds the routes.
func (s *Sessions) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /web/session", s.own(s.get))
	mux.HandleFunc("POST /web/session:signInWithCode", s.own(s.signInWithCode))
	mux.HandleFunc("POST /web/session:signInWithPassword", s.own(s.signInWithPassword))
	if s.o.Demo {
		mux.HandleFunc("POST /web/session:demoSignIn", s.own(s.demoSignIn))
	}
	mux.HandleFunc("POST /web/session:refresh", s.own(s.refresh))
	mux.HandleFunc("POST /web/session:signOut", s.own(s.signOut))
}

// own is a route of our own pages, bounded in time.
func (s *Sessions) own(answer func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if refused := fromOurPage(r); refused != nil {
			problem.Write(w, r, refused)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), rest.Timeout)
		defer cancel()
		if err := answer(w, r.WithContext(ctx)); err != nil {
			problem.Write(w, r, wire.From(err))
		}
	}
}

// as is a context in which the directory is asked with a token, or by nobody where there is none.
func (s *Sessions) as(r *http.Request, token string) context.Context {
	asked := r.Clone(r.Context())
	asked.Header.Del("Authorization")
	if token != "" {
		asked.Header.Set("Authorization", "Bearer "+token)
	}
	return onward.Context(r.Context(), asked, guard.ClientAddress(r, s.o.Proxies))
}

func (s *Sessions) signInWithCode(w http.ResponseWriter, r *http.Request) error {
	in := &directoryv1.SignInWithCodeRequest{}
	city, err := readWithCity(r, in)
	if err != nil {
		return err
	}
	in.Parent = city
	opened, err := s.sessions.SignInWithCode(s.as(r, ""), in)
	return s.signedIn(w, r, opened, err)
}

func (s *Sessions) signInWithPassword(w http.ResponseWriter, r *http.Request) error {
	in := &directoryv1.SignInWithPasswordRequest{}
	city, err := readWithCity(r, in)
	if err != nil {
		return err
	}
	in.Parent = city
	opened, err := s.sessions.SignInWithPassword(s.as(r, ""), in)
	return s.signedIn(w, r, opened, err)
}

func (s *Sessions) demoSignIn(w http.ResponseWriter, r *http.Request) error {
	in := &directoryv1.DemoSignInRequest{}
	if err := read(r, in); err != nil {
		return err
	}
	opened, err := s.demo.DemoSignIn(s.as(r, ""), in)
	return s.signedIn(w, r, opened, err)
}

// signedIn puts a session just opened in the place of the one there was, which nobody could end any more.
func (s *Sessions) signedIn(w http.ResponseWriter, r *http.Request, opened *directoryv1.Session, err error) error {
	if err != nil {
		return err
	}
	_ = s.end(r, false) // the sign-in is good, whatever becomes of the old one
	return s.keep(w, r, opened)
}

// keep puts a session into the cookies and answers whose it is. The cookies are set whatever follows: the token before is used up.
func (s *Sessions) keep(w http.ResponseWriter, r *http.Request, opened *directoryv1.Session) error {
	until := opened.GetRefreshExpireTime().AsTime()
	s.jar(r).keep(w, opened.GetAccessToken(), opened.GetRefreshToken(), until)
	return s.answer(w, r, opened.GetAccessToken(), until)
}

// refresh changes the refresh token for the next pair. A session that is over takes its cookies along; one that cannot be asked about does not.
func (s *Sessions) refresh(w http.ResponseWriter, r *http.Request) error {
	if err := read(r, &emptypb.Empty{}); err != nil {
		return err
	}
	jar := s.jar(r)
	token, _ := jar.refresh()
	if token == "" {
		return authn.ErrTokenMissing
	}
	opened, err := s.sessions.RefreshSession(s.as(r, ""), &directoryv1.RefreshSessionRequest{RefreshToken: token})
	switch {
	case over(err):
		jar.clear(w)
		if wire.From(err).Kind == fault.Invalid { // nothing of ours
			return authn.ErrTokenInvalid.Wrap(err)
		}
		return err
	case err != nil:
		return err
	}
	return s.keep(w, r, opened)
}

// over tells answers after which a refresh token is of no more use.
func over(err error) bool {
	if err == nil {
		return false
	}
	kind := wire.From(err).Kind
	return kind == fault.Unauthenticated || kind == fault.Invalid
}

// signOut ends the session. When it cannot be ended the cookies stay, so that whoever wants to be signed out can try again and is not told that they are.
//
// Browsers are asked to forget what they keep of answers, files that were opened among it, which no script can do. What the app stored itself it wipes
// itself: it has to say before what was not sent yet, and a browser that is told to wipe storage asks nobody.
func (s *Sessions) signOut(w http.ResponseWriter, r *http.Request) error {
	in := &directoryv1.SignOutRequest{}
	if err := read(r, in); err != nil {
		return err
	}
	if err := s.end(r, in.GetEverywhere()); err != nil {
		return err
	}
	s.jar(r).clear(w)
	w.Header().Set("Clear-Site-Data", `"cache"`)
	write(w, struct{}{})
	return nil
}

// end ends the session of a request, if it has one. One whose access token has expired is refreshed for that.
func (s *Sessions) end(r *http.Request, everywhere bool) error {
	jar := s.jar(r)
	access := jar.access()
	refresh, _ := jar.refresh()
	in := &directoryv1.SignOutRequest{Everywhere: everywhere}
	err := error(authn.ErrTokenMissing)
	if access != "" {
		_, err = s.sessions.SignOut(s.as(r, access), in)
	}
	if over(err) && refresh != "" {
		var opened *directoryv1.Session
		if opened, err = s.sessions.RefreshSession(s.as(r, ""), &directoryv1.RefreshSessionRequest{RefreshToken: refresh}); err == nil {
			_, err = s.sessions.SignOut(s.as(r, opened.GetAccessToken()), in)
		}
	}
	if over(err) {
		return nil // it was over already
	}
	return err
}

// get answers who is signed in.
func (s *Sessions) get(w http.ResponseWriter, r *http.Request) error {
	jar := s.jar(r)
	access := jar.access()
	refresh, until := jar.refresh()
	switch {
	case access != "":
		return s.answer(w, r, access, until)
	case refresh != "":
		return authn.ErrTokenExpired
	default:
		// Nobody has signed in here: an answer, not a failure that a browser would write into its console.
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}
