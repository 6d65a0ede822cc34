package follow

import (
	"context"
	"fmt"
	"strings"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// NameSource is where this service asks what enterprises are called: events carry no names.
type NameSource interface {
	// EnterpriseNames returns the names by id; those there are not are left out.
	EnterpriseNames(ctx context.Context, city string, ids []string) (map[string]string, error)
}

// RemoteNames asks the directory over its contract.
func RemoteNames(client directoryv1.EnterpriseServiceClient) NameSource { return remoteNames{client} }

type remoteNames struct {
	client directoryv1.EnterpriseServiceClient
}

func (r remoteNames) EnterpriseNames(ctx context.Context, city string, ids []string) (map[string]string, error) {
	parent := "cities/" + city
	in := &directoryv1.BatchGetEnterpriseNamesRequest{Parent: parent}
	for _, id := range ids {
		in.Names = append(in.Names, parent+"/enterprises/"+id)
	}
	said, err := r.client.BatchGetEnterpriseNames(ctx, in)
	out := map[string]string{}
	for _, n := range said.GetNames() {
		out[strings.TrimPrefix(n.GetName(), parent+"/enterprises/")] = n.GetDisplayName()
	}
	return out, err
}

// names lets tickets of enterprises be found by what these are called.
func (d *Directory) names(ctx context.Context, city string, ids ...string) (rows []change.Statement, err error) {
	if d.Names == nil {
		return nil, nil
	}
	names, err := d.Names.EnterpriseNames(ctx, city, ids)
	if err != nil {
		return nil, fmt.Errorf("names of enterprises of city %s: %w", city, err)
	}
	for id, name := range names {
		rows = append(rows, store.IndexEnterprise(city, id, name))
	}
	return rows, nil
}

// NameAll does so for the enterprises of a city that were learnt of before there was an index. It may be called again.
func (d *Directory) NameAll(ctx context.Context, city string) error {
	const batch = 200 // as many as the directory says at once
	for after := ""; ; {
		ids, err := d.Store.Unnamed(ctx, city, after, batch)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		rows, err := d.names(ctx, city, ids...)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			continue
		}
		if err := d.Store.Commit(ctx, &change.Change{Statements: rows}); err != nil {
			return err
		}
	}
}
