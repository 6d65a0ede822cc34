package desk

import (
	"context"
	"errors"

	"github.com/throughtrain/throughtrain/services/directory/internal/enterprise"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// CreateProject registers an investment project of an enterprise: whoever belongs to it, or claims to, or the desk.
func (d *Desk) CreateProject(ctx context.Context, caller authn.Caller, r Request, p enterprise.Project) (string, error) {
	return d.Store.Once(ctx, r.by(caller, caller.City), func(ctx context.Context) (*change.Change, string, error) {
		switch _, as, err := d.see(ctx, caller, p.City, p.Enterprise); {
		case err != nil:
			return nil, "", err
		case as == staff:
			return nil, "", ErrNotAdmin
		}
		if err := d.county(p.City, p.County); err != nil {
			return nil, "", err
		}
		now := d.City.Now()
		p.ID, p.Created = d.ids.New(), now
		c := &change.Change{}
		return c, ProjectName(p), store.AddProject(c, p, now, actor(caller))
	})
}

// Projects lists an enterprise's projects to whoever sees the enterprise.
func (d *Desk) Projects(ctx context.Context, caller authn.Caller, city, id string) ([]enterprise.Project, error) {
	if _, _, err := d.see(ctx, caller, city, id); err != nil {
		return nil, err
	}
	return d.Store.Projects(ctx, city, id)
}

// Project returns one project to whoever sees the enterprise.
func (d *Desk) Project(ctx context.Context, caller authn.Caller, city, enterpriseID, id string) (enterprise.Project, error) {
	if _, _, err := d.see(ctx, caller, city, enterpriseID); err != nil {
		return enterprise.Project{}, err
	}
	p, err := d.Store.Project(ctx, city, enterpriseID, id)
	if errors.Is(err, store.ErrNotFound) {
		return p, ErrEnterprise
	}
	return p, err
}

// ProjectName is a project's name.
func ProjectName(p enterprise.Project) string {
	return enterpriseName(p.City, p.Enterprise) + "/projects/" + p.ID
}
