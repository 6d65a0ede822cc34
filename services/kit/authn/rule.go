package authn

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
)

// Rules says, per method, who may call it at all. They come from the contract, so that reading the contract is enough to
// know, and a server that finds a method without one does not start.
type Rules struct {
	byMethod map[string]*optionsv1.Rule // by full method: /package.Service/Method
}

// LoadRules reads the rules of these services, named in full, from the contracts linked into the program. It reports every
// method that lacks a sound rule at once.
func LoadRules(services ...string) (*Rules, error) {
	rules := &Rules{byMethod: map[string]*optionsv1.Rule{}}
	var faults []error
	for _, name := range services {
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
		if err != nil {
			return nil, fmt.Errorf("rules of %s: %w", name, err)
		}
		service, ok := found.(protoreflect.ServiceDescriptor)
		if !ok {
			return nil, fmt.Errorf("rules of %s: it is not a service", name)
		}
		for i := range service.Methods().Len() {
			method := service.Methods().Get(i)
			rule, err := ruleOf(method)
			if err != nil {
				faults = append(faults, fmt.Errorf("method %s: %w", method.FullName(), err))
				continue
			}
			rules.byMethod[fmt.Sprintf("/%s/%s", service.FullName(), method.Name())] = rule
		}
	}
	return rules, errors.Join(faults...)
}

// ruleOf reads one rule and refuses those that cannot mean what their author wanted.
func ruleOf(method protoreflect.MethodDescriptor) (*optionsv1.Rule, error) {
	if !proto.HasExtension(method.Options(), optionsv1.E_Rule) {
		return nil, errors.New("no rule says who may call it")
	}
	rule := proto.GetExtension(method.Options(), optionsv1.E_Rule).(*optionsv1.Rule)
	named := len(rule.GetRoles()) > 0 || len(rule.GetServices()) > 0
	switch {
	case !rule.GetPublic() && !rule.GetPerson() && !named:
		return nil, errors.New("its rule lets nobody in")
	case rule.GetPublic() && (rule.GetPerson() || named):
		return nil, errors.New("its rule is public and names callers besides")
	case rule.GetPerson() && len(rule.GetRoles()) > 0:
		return nil, errors.New("its rule lets any person in and names roles besides")
	case slices.Contains(rule.GetRoles(), optionsv1.Role_ROLE_UNSPECIFIED), slices.Contains(rule.GetServices(), ""):
		return nil, errors.New("its rule names a caller that cannot exist")
	}
	return rule, nil
}

// Public tells whether a method takes callers without a token.
func (r *Rules) Public(method string) bool { return r.byMethod[method].GetPublic() }

// Allow says whether the caller may call the method, named in full. A method that is not known is allowed to nobody.
func (r *Rules) Allow(method string, c Caller) error {
	rule, ok := r.byMethod[method]
	switch {
	case !ok:
		return ErrRoleRequired.Wrap(fmt.Errorf("no rule for %s", method))
	case rule.GetPublic():
		return nil
	case c.Kind == Anonymous:
		return ErrTokenMissing
	case c.Kind == Service:
		if slices.Contains(rule.GetServices(), c.Name) {
			return nil
		}
		return ErrRoleRequired
	case c.Kind != Person:
		return ErrRoleRequired
	case rule.GetPerson():
		return nil
	case len(rule.GetRoles()) == 0:
		return ErrRoleRequired // for services only
	}
	for _, role := range rule.GetRoles() {
		if c.HasRole(role) {
			return nil
		}
	}
	return ErrRoleRequired
}

// Services lists the services that any of the methods is open to, in order.
func (r *Rules) Services() []string {
	named := map[string]bool{}
	for _, rule := range r.byMethod {
		for _, service := range rule.GetServices() {
			named[service] = true
		}
	}
	return slices.Sorted(maps.Keys(named))
}

// Methods lists the methods that have a rule, in order.
func (r *Rules) Methods() []string {
	methods := make([]string, 0, len(r.byMethod))
	for method := range r.byMethod {
		methods = append(methods, method)
	}
	slices.Sort(methods)
	return methods
}
