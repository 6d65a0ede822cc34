package rpc_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

const uscc = "91350100M000100Y43"

func (w *world) create(s *directoryv1.Session, code, id string) (*directoryv1.Enterprise, error) {
	kind := directoryv1.Enterprise_REGISTERED
	if code == "" {
		kind = directoryv1.Enterprise_FOUNDING
	}
	return w.enterprises.CreateEnterprise(w.as(s), &directoryv1.CreateEnterpriseRequest{Parent: parent, DisplayName: "濮阳某某有限公司", Uscc: code,
		Kind: kind, County: "410902", RequestId: id})
}

func (w *world) claim(s *directoryv1.Session, name string) *directoryv1.Member {
	w.t.Helper()
	m, err := w.enterprises.ClaimMembership(w.as(s), &directoryv1.ClaimMembershipRequest{Name: name})
	w.must(err)
	return m
}

func (w *world) confirm(s *directoryv1.Session, member string, admin bool) (*directoryv1.Member, error) {
	return w.enterprises.ConfirmMember(w.as(s), &directoryv1.ConfirmMemberRequest{Name: member, Admin: admin})
}

func (w *world) remove(s *directoryv1.Session, member string) (*directoryv1.Member, error) {
	return w.enterprises.RemoveMember(w.as(s), &directoryv1.RemoveMemberRequest{Name: member})
}

func memberOf(enterprise string, s *directoryv1.Session) string {
	return enterprise + "/members/" + s.GetPerson()[strings.LastIndexByte(s.GetPerson(), '/')+1:]
}

func (w *world) renew(s *directoryv1.Session) *directoryv1.Session {
	w.t.Helper()
	next, err := w.refresh(s.GetRefreshToken())
	w.must(err)
	return next
}

// TestFromAClaimToAMembership walks the straight way: claimed, confirmed by the desk, an administrator confirms the next.
func TestFromAClaimToAMembership(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	founder, colleague, stranger := w.signIn(phone(1)), w.signIn(phone(2)), w.signIn(phone(3))
	dispatcher := w.persona("dispatcher", optionsv1.Role_ROLE_DISPATCHER)
	e, err := w.create(founder, " 91350100-m000100y43 ", "")
	w.must(err)
	if e.GetUscc() != uscc || e.GetEtag() == "" || !e.GetCreateTime().AsTime().Equal(w.city.Now()) {
		t.Errorf("got %v", e)
	}
	_, err = w.create(colleague, uscc, "")
	if f := failure(t, "the same code", err, fault.Exists, "USCC_TAKEN"); f.Metadata["enterprise"] != e.GetName() {
		t.Errorf("it names %q", f.Metadata["enterprise"])
	}
	if m := w.claim(colleague, e.GetName()); m.GetState() != directoryv1.Member_CLAIMED {
		t.Errorf("got %v", m)
	}
	if len(w.renew(founder).GetEnterprises()) != 0 {
		t.Error("a claim is in the token")
	}
	_, err = w.confirm(founder, memberOf(e.GetName(), founder), true)
	wants(t, "confirming oneself", err, fault.Denied, "NOT_ENTERPRISE_ADMIN")
	_, err = w.confirm(stranger, memberOf(e.GetName(), founder), true)
	wants(t, "a stranger confirms", err, fault.NotFound, "MEMBER_NOT_FOUND")
	_, err = w.confirm(dispatcher, memberOf(e.GetName(), stranger), true)
	wants(t, "nobody claimed", err, fault.NotFound, "MEMBER_NOT_FOUND")

	m, err := w.confirm(dispatcher, memberOf(e.GetName(), founder), true)
	w.must(err)
	if m.GetState() != directoryv1.Member_CONFIRMED || !m.GetAdmin() {
		t.Errorf("got %v", m)
	}
	founder = w.signInAgain(phone(1))
	if strings.Join(founder.GetRoles(), " ") != "ROLE_MEMBER ROLE_ENTERPRISE_ADMIN" || len(founder.GetEnterprises()) != 1 || founder.GetEnterprises()[0] != e.GetName() {
		t.Errorf("got %v", founder)
	}
	_, err = w.confirm(founder, memberOf(e.GetName(), colleague), false)
	w.must(err)
	colleague = w.signInAgain(phone(2))
	if strings.Join(colleague.GetRoles(), " ") != "ROLE_MEMBER" {
		t.Errorf("got %v", colleague)
	}
	list, err := w.enterprises.ListMembers(w.as(colleague), &directoryv1.ListMembersRequest{Parent: e.GetName()})
	w.must(err)
	if len(list.GetMembers()) != 2 {
		t.Errorf("got %v", list)
	}
	for _, m := range list.GetMembers() {
		if (m.GetLastSignInTime() != nil) != (m.GetPerson() == colleague.GetPerson()) {
			t.Errorf("a member is told when others signed in, or not when they did themselves: %v", m)
		}
	}
	list, err = w.enterprises.ListMembers(w.as(founder), &directoryv1.ListMembersRequest{Parent: e.GetName()})
	w.must(err)
	for _, m := range list.GetMembers() {
		if at := m.GetLastSignInTime().AsTime(); at.After(w.wall.Now()) || w.wall.Now().Sub(at) > 3*time.Minute {
			t.Errorf("who confirms is told %v", m)
		}
	}
	_, err = w.remove(colleague, memberOf(e.GetName(), founder))
	wants(t, "a member removes the administrator", err, fault.Denied, "NOT_ENTERPRISE_ADMIN")
	_, err = w.remove(founder, memberOf(e.GetName(), colleague))
	w.must(err)
	w.takeUp()
	_, err = w.enterprises.GetEnterprise(w.as(colleague), &directoryv1.GetEnterpriseRequest{Name: e.GetName()})
	wants(t, "a token that still names the enterprise", err, fault.Unauthenticated, "SESSION_REVOKED")
	w.wall.Advance(time.Second)
	colleague = w.renew(colleague)
	if len(colleague.GetEnterprises()) != 0 {
		t.Errorf("got %v", colleague)
	}
	_, err = w.enterprises.GetEnterprise(w.as(colleague), &directoryv1.GetEnterpriseRequest{Name: e.GetName()})
	wants(t, "a former member", err, fault.NotFound, "ENTERPRISE_NOT_FOUND")
	m, err = w.remove(colleague, memberOf(e.GetName(), colleague))
	w.must(err)
	if m.GetState() != directoryv1.Member_REMOVED {
		t.Errorf("got %v", m)
	}
	if m := w.claim(colleague, e.GetName()); m.GetState() != directoryv1.Member_CLAIMED {
		t.Errorf("claiming anew: %v", m)
	}
}

// signInAgain signs in a minute later, as the limit on codes wants it.
func (w *world) signInAgain(p phoneNumber) *directoryv1.Session {
	w.wall.Advance(time.Minute)
	return w.signIn(p)
}

func TestKindsOfEnterprise(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	s := w.signIn(phone(1))
	for name, test := range map[string]struct {
		kind   directoryv1.Enterprise_Kind
		uscc   string
		county string
		fault  string
	}{
		"registered with a code":        {directoryv1.Enterprise_REGISTERED, "91110108551385082Q", "410902", ""},
		"registered without":            {directoryv1.Enterprise_REGISTERED, "", "410902", "USCC_INVALID"},
		"registered with a wrong one":   {directoryv1.Enterprise_REGISTERED, "91350100M000100Y4Z", "410902", "USCC_INVALID"},
		"being founded":                 {directoryv1.Enterprise_FOUNDING, "", "410928", ""},
		"being founded with a bad code": {directoryv1.Enterprise_FOUNDING, "123", "410928", "USCC_INVALID"},
		"outside investor with a code":  {directoryv1.Enterprise_OUTSIDE_INVESTOR, "914403001922038216", "410902", ""},
		"foreign":                       {directoryv1.Enterprise_FOREIGN, "", "410902", ""},
		"in a county elsewhere":         {directoryv1.Enterprise_FOREIGN, "", "410502", "COUNTY_UNKNOWN"},
	} {
		e, err := w.enterprises.CreateEnterprise(w.as(s), &directoryv1.CreateEnterpriseRequest{Parent: parent, DisplayName: name, Uscc: test.uscc,
			Kind: test.kind, County: test.county})
		if test.fault != "" {
			wants(t, name, err, fault.Invalid, test.fault)
		} else if err != nil || e.GetKind() != test.kind || e.GetUscc() != test.uscc {
			t.Errorf("%s: %v, %v", name, e, err)
		}
	}
	list, err := w.enterprises.ListEnterprises(w.as(s), &directoryv1.ListEnterprisesRequest{Parent: parent})
	w.must(err)
	if len(list.GetEnterprises()) != 4 {
		t.Errorf("%d of four are listed, and nothing of the refused ones", len(list.GetEnterprises()))
	}
}

func TestOneCallHoweverOften(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	s, other := w.signIn(phone(1)), w.signIn(phone(2))
	names := make([]string, 16)
	var group sync.WaitGroup
	for i := range names {
		group.Go(func() {
			e, err := w.create(s, uscc, "one")
			if err != nil {
				t.Error(err)
			}
			names[i] = e.GetName()
		})
	}
	group.Wait()
	for _, name := range names {
		if name != names[0] {
			t.Fatalf("one call made %s and %s", names[0], name)
		}
	}
	_, err := w.create(s, "", "one")
	wants(t, "another body", err, fault.Exists, "REQUEST_ID_REUSED")
	_, err = w.create(other, "", "one")
	w.must(err) // ids are each caller's own
	// A call that was made answers even if its request would not pass any more.
	claim := &directoryv1.ClaimMembershipRequest{Name: names[0], RequestId: "two"}
	_, err = w.enterprises.ClaimMembership(w.as(other), claim)
	w.must(err)
	m, err := w.enterprises.ClaimMembership(w.as(other), claim)
	w.must(err)
	if m.GetState() != directoryv1.Member_CLAIMED {
		t.Errorf("got %v", m)
	}
}

func TestPagesOfEnterprises(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	s := w.signIn(phone(1))
	for range 7 {
		_, err := w.create(s, "", "")
		w.must(err)
	}
	admin := w.persona("admin", optionsv1.Role_ROLE_CITY_ADMIN)
	for name, who := range map[string]*directoryv1.Session{"the owner": s, "the desk": admin} {
		seen := map[string]bool{}
		token, pages := "", 0
		for {
			list, err := w.enterprises.ListEnterprises(w.as(who), &directoryv1.ListEnterprisesRequest{Parent: parent, PageSize: 3, PageToken: token})
			w.must(err)
			for _, e := range list.GetEnterprises() {
				seen[e.GetName()] = true
			}
			pages++
			if token = list.GetNextPageToken(); token == "" {
				break
			}
		}
		if len(seen) != 7 || pages != 3 {
			t.Errorf("%s sees %d on %d pages", name, len(seen), pages)
		}
	}
	own, err := w.enterprises.ListEnterprises(w.as(s), &directoryv1.ListEnterprisesRequest{Parent: parent, PageSize: 3})
	w.must(err)
	_, err = w.enterprises.ListEnterprises(w.as(admin), &directoryv1.ListEnterprisesRequest{Parent: parent, PageToken: own.GetNextPageToken()})
	wants(t, "a token from another list", err, fault.Invalid, "PAGE_TOKEN_INVALID")
}

// TestStrangersSeeNothing: to somebody who has nothing to do with an enterprise it does not exist, whatever they try.
func TestStrangersSeeNothing(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	owner, stranger := w.signIn(phone(1)), w.signIn(phone(2))
	clerk := w.persona("clerk", optionsv1.Role_ROLE_CLERK)
	auditor := w.persona("auditor", optionsv1.Role_ROLE_AUDITOR)
	e, err := w.create(owner, uscc, "")
	w.must(err)
	project := &directoryv1.CreateProjectRequest{Parent: e.GetName(), DisplayName: "项目", County: "410902", Stage: directoryv1.Project_SIGNED}
	calls := map[string]func(context.Context) error{
		"get": func(ctx context.Context) error {
			_, err := w.enterprises.GetEnterprise(ctx, &directoryv1.GetEnterpriseRequest{Name: e.GetName()})
			return err
		},
		"members": func(ctx context.Context) error {
			_, err := w.enterprises.ListMembers(ctx, &directoryv1.ListMembersRequest{Parent: e.GetName()})
			return err
		},
		"projects": func(ctx context.Context) error {
			_, err := w.enterprises.ListProjects(ctx, &directoryv1.ListProjectsRequest{Parent: e.GetName()})
			return err
		},
		"create a project": func(ctx context.Context) error {
			_, err := w.enterprises.CreateProject(ctx, project)
			return err
		},
	}
	for name, call := range calls {
		wants(t, name, call(w.as(stranger)), fault.NotFound, "ENTERPRISE_NOT_FOUND")
	}
	for name, remove := range map[string]string{"of the owner": memberOf(e.GetName(), owner), "own": memberOf(e.GetName(), stranger)} {
		_, err = w.remove(stranger, remove)
		wants(t, "remove "+name, err, fault.NotFound, "MEMBER_NOT_FOUND")
	}
	for who, want := range map[*directoryv1.Session]int{owner: 1, stranger: 0, clerk: 0, auditor: 1} {
		for _, code := range []string{"", uscc} {
			list, err := w.enterprises.ListEnterprises(w.as(who), &directoryv1.ListEnterprisesRequest{Parent: parent, Uscc: code})
			w.must(err)
			if len(list.GetEnterprises()) != want {
				t.Errorf("%v sees %d with code %q, want %d", who.GetRoles(), len(list.GetEnterprises()), code, want)
			}
		}
	}
	w.must(calls["get"](w.as(clerk)))
	wants(t, "a clerk lists members", calls["members"](w.as(clerk)), fault.NotFound, "ENTERPRISE_NOT_FOUND")
	wants(t, "a clerk creates a project", calls["create a project"](w.as(clerk)), fault.Denied, "NOT_ENTERPRISE_ADMIN")
	_, err = w.confirm(auditor, memberOf(e.GetName(), owner), true)
	wants(t, "an auditor confirms", err, fault.Denied, "NOT_ENTERPRISE_ADMIN")
	w.must(calls["members"](w.as(auditor)))
	// Who claims sees the enterprise and no more.
	w.claim(stranger, e.GetName())
	w.must(calls["get"](w.as(stranger)))
	wants(t, "a claimant lists members", calls["members"](w.as(stranger)), fault.NotFound, "ENTERPRISE_NOT_FOUND")
}

func TestProjects(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	s := w.signIn(phone(1))
	e, err := w.create(s, "", "")
	w.must(err)
	want, err := w.enterprises.CreateProject(w.as(s), &directoryv1.CreateProjectRequest{Parent: e.GetName(), DisplayName: "年产十万吨", County: "410928",
		Stage: directoryv1.Project_NEGOTIATION, InvestmentFen: 1_000_000_000_00, Jobs: 120, RequestId: "1"})
	w.must(err)
	list, err := w.enterprises.ListProjects(w.as(s), &directoryv1.ListProjectsRequest{Parent: e.GetName()})
	w.must(err)
	if len(list.GetProjects()) != 1 || list.GetProjects()[0].String() != want.String() || !strings.HasPrefix(want.GetName(), e.GetName()+"/projects/") {
		t.Errorf("got %v, want %v", list, want)
	}
	_, err = w.enterprises.CreateProject(w.as(s), &directoryv1.CreateProjectRequest{Parent: e.GetName(), DisplayName: "项目", County: "410502",
		Stage: directoryv1.Project_SIGNED})
	wants(t, "in a county elsewhere", err, fault.Invalid, "COUNTY_UNKNOWN")
}
