package demo

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// People is what is asked of the directory about those who have not signed in yet.
type People interface {
	EnsurePerson(ctx context.Context, city, phone, displayName string) (string, error)
	SetCast(cast map[string]directory.Persona)
}

// Stage is where a demonstration is opened.
type Stage struct {
	People    People
	Directory grpc.ClientConnInterface // on which persons speak
	Attendant grpc.ClientConnInterface // on which the process speaks for itself where no person is in the context
}

// Open lets the personas be, and gives them what they need to play. The officials are those of the configuration.
func (s Stage) Open(ctx context.Context, config *directoryv1.CityConfig) error {
	crew, err := choose(config)
	if err != nil {
		return err
	}
	city := cityCode(config)
	people := map[string]string{}
	for persona, official := range crew.personas {
		people[persona] = personID(official.GetPerson())
	}
	for _, e := range entrepreneurs {
		if people[e.persona], err = s.People.EnsurePerson(ctx, city, e.phone, e.name); err != nil {
			return fmt.Errorf("%s: %w", e.persona, err)
		}
	}
	s.People.SetCast(cast(city, people))
	p := play{Stage: s, config: config, crew: crew, people: people, clients: clientsOf(s)}
	desk, err := p.as(ctx, Dispatcher)
	if err != nil {
		return err
	}
	for i, e := range entrepreneurs {
		if err := p.settle(ctx, desk, i, e); err != nil {
			return fmt.Errorf("%s: %w", e.persona, err)
		}
	}
	return nil
}

type clients struct {
	demo        directoryv1.DemoServiceClient
	enterprises directoryv1.EnterpriseServiceClient
	bindings    attendantv1.BindingServiceClient
}

func clientsOf(s Stage) clients {
	return clients{directoryv1.NewDemoServiceClient(s.Directory), directoryv1.NewEnterpriseServiceClient(s.Directory),
		attendantv1.NewBindingServiceClient(s.Attendant)}
}

// play is a demonstration being opened.
type play struct {
	Stage
	clients
	config *directoryv1.CityConfig
	crew   *crew
	people map[string]string // id by persona
}

// as signs a persona in and returns the context of their calls.
func (p *play) as(ctx context.Context, persona string) (context.Context, error) {
	session, err := p.demo.DemoSignIn(ctx, &directoryv1.DemoSignInRequest{Persona: persona})
	if err != nil {
		return nil, fmt.Errorf("sign %s in: %w", persona, err)
	}
	return authn.WithCaller(authn.WithToken(ctx, session.GetAccessToken()), authn.Caller{Kind: authn.Person}), nil
}

// settle sees to it that an entrepreneur has an enterprise, a confirmed membership, an official and perhaps a project.
func (p *play) settle(ctx, desk context.Context, i int, e entrepreneur) error {
	own, err := p.as(ctx, e.persona)
	if err != nil {
		return err
	}
	name, err := p.enterprise(own, i, e)
	if err != nil {
		return err
	}
	if _, err := p.enterprises.ConfirmMember(desk, &directoryv1.ConfirmMemberRequest{
		Name: name + "/members/" + p.people[e.persona], Admin: true}); err != nil {
		return fmt.Errorf("confirm the member: %w", err)
	}
	if err := p.bind(ctx, desk, i, name); err != nil || e.project == "" {
		return err
	}
	return p.project(desk, i, name, e.project)
}

// enterprise returns the entrepreneur's enterprise, registers it if they have none, and claims it again if they left it.
func (p *play) enterprise(own context.Context, i int, e entrepreneur) (string, error) {
	list, err := p.enterprises.ListEnterprises(own, &directoryv1.ListEnterprisesRequest{Parent: p.config.GetName(), PageSize: 1})
	if err != nil {
		return "", err
	}
	if has := list.GetEnterprises(); len(has) > 0 {
		return has[0].GetName(), nil
	}
	made, err := p.enterprises.CreateEnterprise(own, &directoryv1.CreateEnterpriseRequest{
		Parent: p.config.GetName(), DisplayName: e.enterprise, Uscc: e.uscc, Kind: e.kind, County: p.county(i)})
	var f *fault.Error
	if errors.As(err, &f) && f.Reason == directoryv1.ErrorReason_USCC_TAKEN.String() {
		name := f.Metadata["enterprise"]
		_, err = p.enterprises.ClaimMembership(own, &directoryv1.ClaimMembershipRequest{Name: name})
		return name, err
	}
	return made.GetName(), err
}

// county spreads the enterprises over the city.
func (p *play) county(i int) string {
	counties := p.config.GetCounties()
	return counties[i%len(counties)].GetCode()
}

// bind binds the enterprise to a chief attendant, the first to the first, and leaves one that is bound already alone.
func (p *play) bind(ctx, desk context.Context, i int, enterprise string) error {
	bound, err := p.bindings.ListBindings(desk, &attendantv1.ListBindingsRequest{Parent: p.config.GetName(), PageSize: 1,
		Filter: fmt.Sprintf(`enterprise = %q AND role = ATTENDANT AND active = true`, enterprise)})
	if err != nil || len(bound.GetBindings()) > 0 {
		return err
	}
	official := p.crew.attendants[i%len(p.crew.attendants)]
	_, err = p.bindings.CreateBinding(ctx, &attendantv1.CreateBindingRequest{Parent: p.config.GetName(), Official: official.GetPerson(),
		Enterprise: enterprise, Role: attendantv1.Binding_ATTENDANT, Deputy: p.crew.byLogin[official.GetDeputy()].GetPerson()})
	return err
}

// project registers a project if the enterprise has none.
func (p *play) project(desk context.Context, i int, enterprise, title string) error {
	list, err := p.enterprises.ListProjects(desk, &directoryv1.ListProjectsRequest{Parent: enterprise})
	if err != nil || len(list.GetProjects()) > 0 {
		return err
	}
	_, err = p.enterprises.CreateProject(desk, &directoryv1.CreateProjectRequest{Parent: enterprise, DisplayName: title,
		County: p.county(i), Stage: directoryv1.Project_COMMENCED, InvestmentFen: investment, Jobs: 160})
	return err
}

const investment = 120_000_000_00 // fen: 120 million yuan
