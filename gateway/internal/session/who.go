package session

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Who is who is signed in.
type Who struct {
	City        string `json:"city"`        // its code
	Person      string `json:"person"`      // cities/{city}/persons/{person}
	DisplayName string `json:"displayName"` // empty until they say
	PhoneMasked string `json:"phoneMasked"` // empty for officials
	Language    string `json:"language"`    // zh-CN or en, as the person chose
	// Roles as the contracts spell them; those that memberships bring among them.
	Roles       []string `json:"roles"`
	Enterprises []string `json:"enterprises"` // of which they are a confirmed member: cities/{city}/enterprises/{enterprise}
	AdminOf     []string `json:"adminOf"`     // those among them that they administer
	Unit        string   `json:"unit"`        // cities/{city}/units/{unit}; empty for filers
	UnitName    string   `json:"unitName"`
	UnitNameEn  string   `json:"unitNameEn"`
	// AccessExpireTime is when to refresh by; SessionExpireTime when the session ends if nobody does.
	AccessExpireTime  time.Time `json:"accessExpireTime"`
	SessionExpireTime time.Time `json:"sessionExpireTime"`
}

// claims are what an access token says. They are shown to its owner only, after the directory has found the token good.
type claims struct {
	Person      string   `json:"sub"`
	City        string   `json:"city"`
	Unit        string   `json:"unit"`
	Enterprises []string `json:"enterprises"`
	AdminOf     []string `json:"ent_admin"`
	Expires     int64    `json:"exp"`
	Roles       []struct {
		Role string `json:"role"`
	} `json:"roles"`
}

func claimsOf(token string) (*claims, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, authn.ErrTokenInvalid
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, authn.ErrTokenInvalid.Wrap(err)
	}
	c := &claims{}
	if err := json.Unmarshal(payload, c); err != nil {
		return nil, authn.ErrTokenInvalid.Wrap(err)
	}
	return c, nil
}

// answer says whose a token is. The directory is asked with it, so that nobody is told anything by a token that is not good any more.
func (s *Sessions) answer(w http.ResponseWriter, r *http.Request, token string, until time.Time) error {
	c, err := claimsOf(token)
	if err != nil {
		return err
	}
	in := "cities/" + c.City
	who := Who{City: c.City, Person: in + "/persons/" + c.Person, Roles: []string{}, Enterprises: []string{}, AdminOf: []string{},
		AccessExpireTime: time.Unix(c.Expires, 0).UTC(), SessionExpireTime: until.Truncate(time.Second)}
	ctx := s.as(r, token)
	person, err := s.persons.GetPerson(ctx, &directoryv1.GetPersonRequest{Name: who.Person})
	if err != nil {
		return err
	}
	who.DisplayName, who.PhoneMasked, who.Language = person.GetDisplayName(), person.GetPhoneMasked(), person.GetLanguage()
	for _, grant := range c.Roles {
		role, err := authn.ParseRole(grant.Role)
		if err != nil {
			return err
		}
		who.Roles = append(who.Roles, role.String())
	}
	if len(c.Enterprises) > 0 {
		who.Roles = append(who.Roles, optionsv1.Role_ROLE_MEMBER.String())
	}
	if len(c.AdminOf) > 0 {
		who.Roles = append(who.Roles, optionsv1.Role_ROLE_ENTERPRISE_ADMIN.String())
	}
	for _, id := range c.Enterprises {
		who.Enterprises = append(who.Enterprises, in+"/enterprises/"+id)
	}
	for _, id := range c.AdminOf {
		who.AdminOf = append(who.AdminOf, in+"/enterprises/"+id)
	}
	if c.Unit != "" {
		who.Unit = in + "/units/" + c.Unit
		city, err := s.cities.GetCity(ctx, &directoryv1.GetCityRequest{Name: in})
		if err != nil {
			return err
		}
		for _, unit := range city.GetUnits() {
			if unit.GetCode() == c.Unit {
				who.UnitName, who.UnitNameEn = unit.GetDisplayName(), unit.GetDisplayNameEn()
			}
		}
	}
	write(w, who)
	return nil
}

func write(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(answer) // a browser that went away
}
